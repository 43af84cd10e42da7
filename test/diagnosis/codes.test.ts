import { describe, expect, it } from 'vitest'
import { codeByMessage, codeMeaning, isSuccess, returnValueMeaning } from '../../src/diagnosis/codes.js'

describe('codes of Windows Installer', () => {
  it('are a success for 0, 1641 and 3010 only', () => {
    const good = Array.from({ length: 4000 }, (_, code) => code).filter(isSuccess)
    expect(good).toEqual([0, 1641, 3010])
  })

  it.each([
    [1603, 'fatal'],
    [1612, 'source'],
    [1618, 'in progress'],
    [1635, 'patch package'],
    [1642, 'product to patch'],
    [3010, 'restart'],
    [5, 'denied'],
    [77777, 'no meaning known'],
  ])('%i is said in words', (code, words) => {
    expect(codeMeaning(code)).toContain(words)
  })

  it.each([
    [1, 'success'],
    [2, 'cancelled'],
    [3, 'fatal'],
    [8, 'another installation'],
    [42, 'no meaning known'],
  ])('return value %i is said in words', (value, words) => {
    expect(returnValueMeaning(value)).toContain(words)
  })

  it('stand for messages that a log writes without their number, each with a meaning', () => {
    for (const { code } of codeByMessage) expect(codeMeaning(code)).not.toBe('no meaning known')
  })
})
