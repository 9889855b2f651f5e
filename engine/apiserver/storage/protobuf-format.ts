/** Built-in objects are stored in protobuf, as `--storage-media-type` says by default; custom ones in JSON. */
import { parseGroupVersion } from '#engine/api/object'
import { decodeProtobufObject, encodeProtobufObject, isProtobuf } from '#engine/apiserver/representation/protobuf'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { canonical } from '#engine/apiserver/schema/canonical'
import { jsonFormat, type ObjectFormat } from './codec'

export const protobufFormat: ObjectFormat = {
  encode: (object) => encodeProtobufObject(object) ?? jsonFormat.encode(object),
  decode(bytes) {
    if (!isProtobuf(bytes)) return jsonFormat.decode(bytes)
    const object = decodeProtobufObject(bytes)
    const { group, version } = parseGroupVersion(object.apiVersion)
    const type = builtinTypeOfKind(group, version, object.kind)
    return type ? canonical(type, object) : object
  },
}
