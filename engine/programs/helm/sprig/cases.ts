/** `FirstName`, `first_name`, `first-name`. */
export function snakeCase(text: string): string {
  return text
    .replace(/([\p{Ll}])([\p{Lu}\p{N}])/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{N})/gu, '$1_$2')
    .replace(/(\p{N})(\p{Lu})/gu, '$1_$2')
    .replace(/[\s-]/g, '_')
    .toLowerCase()
}

export function dashed(text: string): string {
  return text.replaceAll('_', '-')
}

export function camelCase(text: string): string {
  const [, before = '', words = ''] = /^([\s_-]*)(.*)$/s.exec(text) ?? []
  const joined = words.replace(/[\s_-]+(.)?/gu, (_, letter: string | undefined) => letter?.toUpperCase() ?? '')
  return before.replace(/[\s-]/g, '_') + joined.charAt(0).toUpperCase() + joined.slice(1)
}
