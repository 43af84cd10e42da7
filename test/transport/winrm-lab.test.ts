import { describeTransport } from './conformance.js'
import { startWinrmFarEnd } from './winrm-lab-far-end.js'

describeTransport("winrm to the lab's endpoint: sealed NTLMv2 over HTTP", () => startWinrmFarEnd({ auth: 'negotiate' }))
describeTransport("winrm to the lab's endpoint: NTLMv2 with channel binding over HTTPS", () =>
  startWinrmFarEnd({ auth: 'negotiate', scheme: 'https' }),
)
describeTransport("winrm to the lab's endpoint: Basic over HTTPS", () =>
  startWinrmFarEnd({ auth: 'basic', scheme: 'https' }),
)
describeTransport("winrm to the lab's endpoint: a client certificate over HTTPS", () =>
  startWinrmFarEnd({ auth: 'certificate', scheme: 'https' }),
)
