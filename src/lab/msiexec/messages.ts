/** What the rollup's package can say about the product it meets (article, "Common Rollup Install Failures" and "Recognizing Red Herrings"). */
export const packageMessages = {
  msgRequiresProc:
    "The version of this file is not compatible with the version of Exchange Server 2007 that you're running. Check your computer to see whether you need an x64 (64-bit) or x86 (32-bit) version of this file.",
  msgINTERIMUPDATEDETECTED:
    'Unable to install because a previous Interim Update for Exchange Server 2007 has been installed. Please use Add/Remove Programs to uninstall the Interim Update before running this setup again.',
  msgInterimIncorrectRollup:
    'Installation cannot continue. The [Wizard] has determined that this Interim Update is incompatible with the current Exchange Server 2007 configuration.',
  msgUninstallTargetRollupBeforeInterim:
    'Uninstall cannot continue. The [Wizard] has determined that an Interim Update has been installed. This Update Rollup cannot be uninstalled until the Interim Update has been uninstalled.',
  msgOlderInstallOnNewerRollupIncorrectRollup:
    'Installation cannot continue. The [Wizard] has determined that this Update Rollup has been superseded by the currently installed Update Rollup. Installation of this Update Rollup is unnecessary.',
} as const

export type PackageMessage = keyof typeof packageMessages

/** The message as it is shown: with what the property `Wizard` holds. */
export function shownMessage(name: PackageMessage): string {
  return packageMessages[name].replace('[Wizard]', 'Setup Wizard')
}
