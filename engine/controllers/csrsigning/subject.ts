/** A request's subject as Go writes it into the certificate: known attributes only, one set a type, in an order of their own. */
import { toHex } from '#engine/base/bytes'
import { oid, sequence, tag, text } from '#engine/base/pki/der'
import { attribute, type Name, type NameAttribute, relativeNames } from '#engine/base/pki/name'

/** Country, organization, unit, locality, province, street, postal code, common name, serial number. */
const order = ['2.5.4.6', '2.5.4.10', '2.5.4.11', '2.5.4.7', '2.5.4.8', '2.5.4.9', '2.5.4.17', '2.5.4.3', '2.5.4.5']
const single = new Set(['2.5.4.3', '2.5.4.5'])

export function goSubject(subject: Name): Name {
  const relative: NameAttribute[][] = []
  for (const type of order) {
    const all = attribute(subject, type)
    const values = single.has(type) ? all.slice(-1) : all
    const attributes = values.map((value) => ({ oid: type, value, tag: /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? tag.printable : tag.utf8 }))
    // DER wants the members of a set in the order of their encodings.
    if (attributes.length > 0) relative.push(attributes.map((each) => ({ each, key: toHex(sequence(oid(each.oid), text(each.value, each.tag))) })).sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ each }) => each))
  }
  return relativeNames(relative)
}
