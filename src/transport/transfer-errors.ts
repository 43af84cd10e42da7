import { TransferError } from '../errors.js'

/** The two ends hold different bytes. */
export function damaged(path: string, expected: string, actual: string): TransferError {
  return new TransferError(`${path} was damaged on its way: SHA-256 ${actual} instead of ${expected}.`, {
    code: 'TRANSFER_DAMAGED',
    hint: 'Transfer it again. If it happens again, something between here and the server alters data, or the file changes.',
  })
}

/** `where` = `host:port`. */
export function connectionLost(where: string): TransferError {
  return new TransferError(`The connection to ${where} was lost.`, {
    code: 'CONNECTION_LOST',
    hint: 'Connect again: the server may have been restarted, or the network dropped the connection.',
  })
}
