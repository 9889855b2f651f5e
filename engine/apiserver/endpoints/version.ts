/** What `/version` says: facts of the release that is simulated. */
const versionInfo = {
  major: '1', minor: '35', emulationMajor: '1', emulationMinor: '35', minCompatibilityMajor: '1', minCompatibilityMinor: '34',
  gitVersion: 'v1.35.4', gitCommit: 'b4b9f1a6bc0d2ee1b51a8f2de9df2ac8c1a9f2b3', gitTreeState: 'clean', buildDate: '2026-04-14T20:12:48Z',
  goVersion: 'go1.25.9', compiler: 'gc', platform: 'linux/amd64',
}

/** The same of another release of the binary. */
export function versionOf(gitVersion = versionInfo.gitVersion): typeof versionInfo {
  const minor = gitVersion.split('.')[1] ?? versionInfo.minor
  return { ...versionInfo, gitVersion, minor, emulationMinor: minor, minCompatibilityMinor: String(Number(minor) - 1) }
}
