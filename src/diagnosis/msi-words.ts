export const frameStart = '=== Verbose logging started:'
export const frameStop = '=== Verbose logging stopped:'
export const innerStart = '=== Logging started:'
export const innerStop = '=== Logging stopped:'
export const actionEnd = 'Action ended'
/**
 * "Action ended ... Return value" in the language of the package: Chinese as seen (msi-log-format.md, "Localised logs"), Portuguese by its
 * "Valor de retorno"; of others the word for the value or for the end, in ASCII, around a time, a name and a digit. What a language has
 * otherwise is not found; the outcome then comes from the engine, and the numbers of Note lines stay.
 */
export const actionEndsElsewhere = [
  '\u64cd\u4f5c\u7ed3\u675f',
  'Aktion beendet',
  'Action termin',
  'Azione terminata',
  'Valor de retorno',
  'Valor devuelto',
  'Valeur renvoy',
  'ckgabewert',
  'Valore restituito',
]

export const actionStart = 'Action start'
export const scriptAction = 'Executing op: ActionStart(Name='
export const engineEnd = 'MainEngineThread is returning'
export const clientEnd = 'Back from server. Return value:'
export const actionError = 'returned actual error code'
export const status = 'success or error status:'
/** The same in other languages, as far as it is ASCII: French and Portuguese as seen (msi-log-format.md, "Localised logs"), German, Spanish. */
export const statusElsewhere = ["tat d'erreur :", 'Status de erro ou', 'Fehlerstatus', 'xito o error']
export const updateFailed = 'could not be installed. Error code'
export const product = 'Product:'
/** A custom action's own words about its failure; whether it counts, its result line says. */
export const output = 'Error 0x'

/** Messages of the Error table, by the first two of their four digits. */
export const errors = Array.from({ length: 20 }, (_, i) => `Error ${i + 10}`)
export const originalPatch = 'Original patch ==>'
/** Where an article about a log goes over into prose. */
export const headings = ['Root Cause:', 'Solution:', 'Resolution:', 'Workaround:', 'More Information:', 'Prevention:']

/** A record of the engine whose prefix somebody took off (msi-log-format.md, "File level"), output of a custom action, or a message of the installer's own. */
export const bare =
  /^(?:(?:CA|Wix)QuietExec\d*: |SOURCEMGMT: |Note: 1: \d|Couldn't find local patch '|Unable to create a temp copy of patch '|Could not find source for missing patch|PATCH SEQUENCER: |SequencePatches starts\.|Warning: Local cached package '|MainEngineThread is returning|Executing op: |This patch package could not be opened|Another installation is already in progress|The configuration data for this product|The system administrator has set policies|Windows Installer installed an update\.|Windows Installer installed the product\.)/
