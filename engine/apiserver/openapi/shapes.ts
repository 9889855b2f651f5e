/** An OpenAPI v3 document, as far as the server looks into it. */
export type Fields = Record<string, unknown>

export interface Document {
  readonly openapi: string
  readonly info: unknown
  readonly paths: Fields
  readonly components: { readonly schemas: Fields; readonly securitySchemes?: unknown }
}
