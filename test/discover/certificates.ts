import { generate } from 'selfsigned'

/** A certificate for 127.0.0.1 that is its own authority. */
export async function loopbackCertificate(): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'dc1.contoso.com' }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  return { key, cert }
}
