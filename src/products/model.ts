/** What exroll knows of an update package (.msp) from its own summary information, read without Windows. */
export interface PackageInfo {
  /** `Exchange2007-KB952580-x64-EN.msp` */
  name: string
  bytes: number
  /** Lower-case hex. */
  sha256: string
  /** `{GUID}`: first 38 characters of the Revision Number (PID 9). */
  patchCode: string
  /** Further GUIDs of the Revision Number: patches this one obsoletes. */
  obsoletes: string[]
  /** Template (PID 7): target product codes. */
  productCodes: string[]
  /** Subject: `Update Rollup 4 for Exchange Server 2007 Service Pack 1 (KB952580) 8.1.311.3`. */
  displayName: string
  kb: string | null
  /** The ExSetup.exe build a server has afterwards; from the display name, else from the build table. */
  build: string | null
  /** From the file's name; null when it does not say. */
  architecture: 'x64' | 'x86' | null
}

/** One row of the build tables (exchange.md 2.8). */
export interface BuildRow {
  generation: string
  /** `SP1 RU4` */
  level: string
  build: string
  /** ISO date. */
  date: string
  kb: string | null
}
