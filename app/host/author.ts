/** What an author of labs starts from: a lab that is whole and fair, with completion in any editor that speaks YAML schemas. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labSchema } from '#labs/runner/index'
import { ownLabsFolder } from './catalog'

/** The JSON Schema of a lab file, as text. */
export function schemaText(): string {
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title: 'A lab of Seatrial', ...labSchema }, null, 2)}\n`
}

/** Writes a new lab into the home's own labs; returns its file. Throws where there is one already. */
export function newLab(home: string, id: string): string {
  if (!/^[a-z]+[a-z0-9-]*$/.test(id)) throw new Error(`"${id}" is no id: small letters, digits and dashes, beginning with a letter`)
  const own = ownLabsFolder(home)
  const folder = join(own, id)
  const file = join(folder, 'lab.yaml')
  if (existsSync(file)) throw new Error(`${file} is there already`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(own, 'lab.schema.json'), schemaText())
  writeFileSync(file, template(id))
  return file
}

function template(id: string): string {
  return `# yaml-language-server: $schema=../lab.schema.json
# Change everything; \`seatrial lab verify ${id}\` tells whether the lab is fair.
id: ${id}
title: A ConfigMap for the harbour
exam: CKAD
domain: Application Environment, Configuration and Security
curriculum: [ckad.environment.configmaps]
level: easy
targetSeconds: 180
kubernetes: "1.35"
cluster: { profile: one }
host: controlplane
namespace: harbour
variables:
  ship: { oneOf: [gull, heron, tern] }
setup:
  - run: kubectl -n harbour create configmap lighthouse --from-literal=lamp=on  # the namespace itself is made for you
task: |
  In the namespace **harbour** create a ConfigMap \`berths\` with the key \`ship\` and the value \`{{ship}}\`.
checks:
  - id: value
    points: 2
    says: The ConfigMap berths names the ship
    why: The key ship of the ConfigMap is missing or has another value.
    read: https://kubernetes.io/docs/concepts/configuration/configmap/
    object: { kind: configmap, name: berths, where: [{ path: .data.ship, equals: "{{ship}}" }] }
hints:
  - text: "\`kubectl create configmap --help\` shows how a value is given."
solution:
  - run: kubectl -n harbour create configmap berths --from-literal=ship={{ship}}
alternatives:
  - says: from a manifest
    steps:
      - run: |
          kubectl apply -f - <<END
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: berths, namespace: harbour}
          data: {ship: "{{ship}}"}
          END
nearMisses:
  - says: another key
    steps:
      - run: kubectl -n harbour create configmap berths --from-literal=boat={{ship}}
    fails: [value]
  - says: the default namespace
    steps:
      - run: kubectl -n default create configmap berths --from-literal=ship={{ship}}
    fails: [value]
`
}
