import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '#engine/api/json'
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYaml } from '#engine/base/yaml/parser'
import { decodeProtobufObject, encodeProtobufObject } from '#engine/apiserver/representation/protobuf'
import { canonical } from '#engine/apiserver/schema/canonical'
import { decodeInto } from '#engine/apiserver/schema/decode'
import { structRows, schemaNameOfKind } from '#engine/apiserver/schema/builtin'
import { protobufFormat } from '#engine/apiserver/storage/protobuf-format'
import { kinds, type Kind } from './random/kinds'
import { randomObject } from './random/objects'
import { encodeAnyhow } from './random/protobuf'
import { Dice } from './random/random'
import { always } from './seed'

const anyKind = fc.constantFrom(...kinds.keys())
const anySeed = fc.nat()
const numbered = fc.constantFrom(...[...kinds].filter(([, { group, version, kind }]) => structRows(schemaNameOfKind(group, version, kind) ?? '')).map(([name]) => name))

describe('an object of any built-in kind', () => {
  it('is the same after its way through JSON', () => {
    expect(kinds.size).toBeGreaterThan(60)
    always(fc.tuple(anyKind, anySeed), ([name, seed]) => {
      const kind = kinds.get(name) as Kind
      const object = randomObject(new Dice(seed), kind, kind.type)
      const read = decodeInto(kind.type, parseJson(JSON.stringify(object)))
      expect({ kind: kind.kind, unknown: read.unknown, error: read.error }).toEqual({ kind: kind.kind, unknown: [], error: undefined })
      const written = canonical(kind.type, read.value)
      expect(written).toEqual(canonical(kind.type, object))
      expect(canonical(kind.type, decodeInto(kind.type, parseJson(JSON.stringify(written))).value)).toEqual(written)
    }, 800)
  })

  it('is the same after its way through YAML', () => {
    always(fc.tuple(anyKind, anySeed), ([name, seed]) => {
      const kind = kinds.get(name) as Kind
      const object = randomObject(new Dice(seed), kind, kind.type)
      expect(parseYaml(emitYaml(object))).toEqual(object)
    }, 800)
  })

  it('is the same after its way through etcd', () => {
    always(fc.tuple(anyKind, anySeed), ([name, seed]) => {
      const kind = kinds.get(name) as Kind
      const object = canonical(kind.type, randomObject(new Dice(seed), kind, kind.type))
      expect(canonical(kind.type, protobufFormat.decode(protobufFormat.encode(object)))).toEqual(object)
    }, 800)
  })
})

describe('protobuf of a kind that kubectl sends', () => {
  it('is read as a client wrote it: in any order, packed or not, with fields nobody knows', () => {
    always(fc.tuple(numbered, anySeed), ([name, seed]) => {
      const kind = kinds.get(name) as Kind
      const dice = new Dice(seed)
      const object = canonical(kind.type, randomObject(dice, kind, kind.type))
      const bytes = encodeAnyhow(dice, object)
      expect(canonical(kind.type, decodeProtobufObject(bytes as Uint8Array))).toEqual(object)
    }, 800)
  })

  it('is an answer or a clear refusal wherever it is cut or bent', () => {
    always(fc.tuple(numbered, anySeed, fc.nat(), fc.nat(255)), ([name, seed, where, byte]) => {
      const kind = kinds.get(name) as Kind
      const bytes = encodeProtobufObject(randomObject(new Dice(seed), kind, kind.type)) as Uint8Array
      const at = 4 + (where % (bytes.length - 4))
      for (const spoilt of [bytes.slice(0, at), bytes.map((value, index) => (index === at ? byte : value))]) {
        try {
          decodeProtobufObject(spoilt)
        } catch (error) {
          expect((error as Error).name).toBe('StatusError')
        }
      }
    }, 800)
  })
})
