import { expect, it } from 'vitest'
import { faultHelp } from '../../../src/lab/faults/descriptions.js'
import { faultNames } from '../../../src/lab/model.js'

it('describes each fault on a line of its own that fits a terminal', () => {
  const lines = faultHelp().split('\n')
  expect(lines.map(line => line.trim().split(' ')[0])).toEqual([...faultNames])
  expect(lines.filter(line => line.length > 80)).toEqual([])
})
