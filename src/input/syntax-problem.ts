import type { ErrorCode, YAMLError, YAMLWarning } from 'yaml'
import type { Place } from './document.js'
import type { Problem } from './problem.js'

/**
 * The parser's codes in our words. Its own messages are not shown: some quote the file, and what they quote may be a password
 * with a character that YAML reads as syntax.
 */
const words: Partial<Record<ErrorCode, { message: string; instead: string }>> = {
  BAD_ALIAS: {
    message: 'an alias names an anchor that is not there',
    instead: "text that starts with * or & in quotes: '*...'",
  },
  BAD_DIRECTIVE: { message: 'this directive is not known', instead: 'nothing: leave out the line that starts with %' },
  BAD_DQ_ESCAPE: {
    message: 'an escape sequence that YAML does not have',
    instead: "a backslash in single quotes: 'CONTOSO\\exadmin'",
  },
  BAD_INDENT: {
    message: 'the indentation does not fit what is above',
    instead: 'spaces as on the lines of the same level',
  },
  BAD_SCALAR_START: { message: 'text must not start with this character', instead: "the text in quotes: '...'" },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second "key: value" on the same line',
    instead: 'it on its own line, or the text in quotes',
  },
  BLOCK_IN_FLOW: { message: 'a block stands inside { } or [ ]', instead: 'the closing bracket, or no brackets at all' },
  DUPLICATE_KEY: {
    message: 'this key is there twice',
    instead: 'the key once: the other one may be meant to be another',
  },
  MISSING_CHAR: { message: 'a character is missing', instead: 'what is named, or the text in quotes' },
  MULTILINE_IMPLICIT_KEY: { message: 'a key goes over several lines', instead: 'key: value on one line' },
  TAB_AS_INDENT: { message: 'a tab is used as indentation', instead: 'spaces' },
  TAG_RESOLVE_FAILED: { message: 'this tag (!...) is not known', instead: "text that starts with ! in quotes: '!...'" },
  UNEXPECTED_TOKEN: {
    message: 'this does not belong here',
    instead: 'a closing bracket or quote before it, or the text in quotes',
  },
  RESOURCE_EXHAUSTION: { message: 'the file is nested too deeply', instead: 'fewer levels of brackets' },
}

const missing: { said: RegExp; message: string; instead: string }[] = [
  { said: /closing (['"])quote|closing "quote/, message: 'a quote is not closed', instead: 'the closing quote' },
  { said: /Missing , (or : )?between/, message: 'a comma is missing', instead: 'a comma before this' },
  {
    said: /followed by map values/,
    message: 'this key has no value',
    instead: 'key: value, with a space after the colon',
  },
  { said: /Missing space after :/, message: 'a space is missing after the colon', instead: 'key: value' },
  { said: /without - indicator/, message: 'a list item without its dash', instead: '- item' },
  { said: /Comments must be/, message: 'a comment without a space before it', instead: 'a space before the #' },
]

/** A problem for what YAML's parser found, without a word of the file in it. */
export function syntaxProblem({ code, message }: YAMLError | YAMLWarning, place: Place): Problem {
  const bracket = /end with a ([}\]])/.exec(message)?.[1]
  if (bracket !== undefined) {
    return { ...place, code: 'SYNTAX', message: `a ${bracket} is missing`, instead: `the closing ${bracket}` }
  }
  const found = missing.find(({ said }) => said.test(message)) ??
    words[code] ?? { message: 'this is not valid YAML', instead: 'key: value, one a line' }
  const ours = code === 'DUPLICATE_KEY' ? 'DUPLICATE_KEY' : 'SYNTAX'
  return { ...place, code: ours, message: found.message, instead: found.instead }
}
