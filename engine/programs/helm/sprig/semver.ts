/** Semantic versions. */
import { GoStruct } from '#engine/programs/common/gotemplate/values'
import { parseConstraint } from '#engine/programs/helm/chart/constraints'
import { compareVersions, parseVersion, type Version, versionText } from '#engine/programs/helm/chart/versions'
import { fn, type FunctionTable, int } from './define'

const versions = new WeakMap<GoStruct, Version>()

function versionOf(text: string): Version {
  const version = parseVersion(text)
  if (!version) throw new Error('invalid semantic version')
  return version
}

function structOf(version: Version): GoStruct {
  const { major, minor, patch, prerelease, metadata, original } = version
  const struct: GoStruct = new GoStruct('*semver.Version', {
    Major: () => major, Minor: () => minor, Patch: () => patch, Prerelease: () => prerelease, Metadata: () => metadata, Original: () => original, String: () => versionText(version),
    Compare: (other: unknown) => int(other instanceof GoStruct ? Math.sign(compareVersions(version, versions.get(other) ?? version)) : 0),
  }, { text: () => versionText(version), json: () => versionText(version) })
  versions.set(struct, version)
  return struct
}

export const semverFunctions: FunctionTable = {
  semver: fn('string', (text: string) => structOf(versionOf(text))),
  semverCompare: fn('string string', (constraint: string, text: string) => parseConstraint(constraint).check(versionOf(text))),
}
