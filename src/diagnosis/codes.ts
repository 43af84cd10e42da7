/**
 * What Windows Installer's codes mean (Microsoft Learn, "MsiExec.exe and InstMsi.exe error messages"; exchange.md 3.5). 0, 1641 and
 * 3010 are success.
 */
const meanings: Record<number, string> = {
  0: 'success',
  1601: 'the Windows Installer service could not be reached',
  1602: 'the user cancelled the installation',
  1603: 'fatal error during installation, which says no more than that',
  1605: 'the product is not installed',
  1606: 'the feature is not registered',
  1608: 'unknown property',
  1612: 'the installation source is not available: a cached package is missing',
  1618: 'another installation is in progress',
  1619: 'the package could not be opened',
  1620: 'the package is not valid',
  1622: 'the log file could not be opened',
  1624: 'a transform could not be applied',
  1625: 'forbidden by system policy',
  1632: 'the temporary folder is full or not accessible',
  1633: 'the package does not support this processor type',
  1635: 'the patch package could not be opened',
  1636: 'the patch package is not valid',
  1637: 'the patch needs a newer Windows Installer',
  1638: 'another version of the product is installed',
  1639: 'invalid command line',
  1640: 'not permitted from a Terminal Services session',
  1641: 'success, the installer started a restart',
  1642: 'the product to patch is missing, or is another version of it',
  1643: 'the patch is refused by system policy',
  1644: 'a transform is refused by system policy',
  1645: 'not permitted from a Remote Desktop session',
  1646: 'the patch cannot be removed',
  1647: 'the patch is not applied to this product',
  1648: 'no valid sequence for the set of patches',
  1649: 'removal of the patch is refused by policy',
  1652: 'not possible in safe mode',
  1653: 'rollback is disabled',
  3010: 'success, a restart is needed',
}

/** Win32 codes that an installer passes on as they are. */
const win32: Record<number, string> = {
  2: 'file not found',
  3: 'path not found',
  5: 'access denied',
  32: 'the file is in use by another process',
  112: 'not enough space on the disk',
  1058: 'the service is disabled',
  1069: 'the service could not log on',
}

/** Plain words for an exit code of Windows Installer or, failing that, of Windows. */
export function codeMeaning(code: number): string {
  return meanings[code] ?? win32[code] ?? 'no meaning known'
}

/** 0, 1641 and 3010: the product is installed, perhaps with a restart owed. */
export function isSuccess(code: number): boolean {
  return code === 0 || code === 1641 || code === 3010
}

/** Value N of "Action ended ... Return value N" (Microsoft Learn, "Logging of Action Return Values"). */
export function returnValueMeaning(value: number): string {
  return (
    [
      'not executed',
      'success',
      'cancelled by the user',
      'fatal error',
      'suspended',
      'remaining actions skipped, no error',
    ][value] ??
    { 6: 'invalid handle state', 7: 'invalid data', 8: 'another installation is running' }[value] ??
    'no meaning known'
  )
}

/** Messages of the message table that stand in a log without their number. */
export const codeByMessage: readonly { phrase: string; code: number }[] = [
  { phrase: 'This patch package could not be opened.', code: 1635 },
  { phrase: 'The installation source for this product is not available.', code: 1612 },
  { phrase: 'Another program is being installed.', code: 1618 },
  { phrase: 'Another installation is already in progress.', code: 1618 },
]
