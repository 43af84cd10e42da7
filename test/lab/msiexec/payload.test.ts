import { expect, it } from 'vitest'
import { isExSetup, payloadFiles } from '../../../src/lab/msiexec/payload.js'

it('the payload of a rollup is the same list at every asking, with ExSetup.exe half way', () => {
  const files = payloadFiles(200)
  expect(files).toHaveLength(200)
  expect(payloadFiles(200)).toEqual(files)
  expect(files.findIndex(isExSetup)).toBe(100)
  expect(new Set(files.map(({ key }) => key)).size).toBe(200)
  expect(new Set(files.map(({ componentId }) => componentId)).size).toBe(200)
  for (const { componentId } of files) expect(componentId).toMatch(/^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/)
})
