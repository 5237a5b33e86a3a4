/** A part of a path between two slashes: text, or a parameter with text round it. */
type Segment =
  | { readonly literal: string }
  | { readonly prefix: string; readonly name: string; readonly suffix: string }

export type PathTemplate = readonly Segment[]

const PARAMETER = /^([^{}]*)\{([^{}]+)\}([^{}]*)$/

/** Reads `/orders/{id}`; `null` for what has no meaning, as two parameters in one segment. */
export function parsePath(path: string): PathTemplate | null {
  if (!path.startsWith('/')) return null
  const segments = segmentsOf(path).map((text): Segment | null => {
    const [, prefix = '', name, suffix = ''] = PARAMETER.exec(text) ?? []
    if (name !== undefined) return { prefix, name, suffix }
    return /[{}]/.test(text) ? null : { literal: text }
  })
  return segments.some((one) => one === null) ? null : (segments as PathTemplate)
}

/** A path without its empty segments: a slash at the end means nothing. */
export function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** Two templates with the same shape match the same paths. */
export function shapeOf(template: PathTemplate): string {
  return template
    .map((one) => ('literal' in one ? one.literal : `${one.prefix}{}${one.suffix}`))
    .join('/')
}

/**
 * How well a template fits decoded segments: the more text it names, segment by segment from the
 * left, the better; `null` when it does not fit.
 */
export function fitOf(template: PathTemplate, segments: readonly string[]): string | null {
  if (template.length !== segments.length) return null
  const marks = template.map((one, at) => markOf(one, segments[at] ?? ''))
  return marks.includes(null) ? null : marks.join('')
}

/** Compared as text, the greater is the narrower. */
function markOf(segment: Segment, text: string): '1' | '2' | '3' | null {
  if ('literal' in segment) return segment.literal === text ? '3' : null
  const { prefix, suffix } = segment
  const fits =
    text.length > prefix.length + suffix.length && text.startsWith(prefix) && text.endsWith(suffix)
  if (!fits) return null
  return prefix === '' && suffix === '' ? '1' : '2'
}
