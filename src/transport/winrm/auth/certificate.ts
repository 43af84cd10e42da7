import type { LogonMethod } from './logon.js'

/** The profile's name stands in place of a scheme (DSP0226, annex C: HTTPS with mutual certificates). */
const mutual = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual'

/** The client's certificate, which TLS has shown already; the server maps it to an account. */
export const certificateLogon: LogonMethod = { name: 'certificate', logOn: async () => ({ authorization: mutual }) }
