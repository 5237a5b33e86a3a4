export function acceptsJson(header: string | undefined): boolean {
  return acceptsType(header, 'application/json')
}

/**
 * Whether an `Accept` header lets a reply be of a media type (RFC 9110 §12.5.1). The most specific
 * range that fits decides; a header without any readable range excludes nothing.
 *
 * @param mediaType without parameters, in lower case
 */
export function acceptsType(header: string | undefined, mediaType: string): boolean {
  if (header === undefined) return true
  const ranges = header
    .split(',')
    .map(rangeOf)
    .filter((one) => one !== null)
  if (ranges.length === 0) return true
  for (const type of [mediaType, `${mediaType.split('/')[0]}/*`, '*/*']) {
    const fitting = ranges.filter((range) => range.type === type)
    if (fitting.length > 0) return fitting.some((range) => range.quality > 0)
  }
  return false
}

function rangeOf(text: string): { type: string; quality: number } | null {
  const [type = '', ...parameters] = text.split(';').map((one) => one.trim().toLowerCase())
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return null
  const quality = parameters.map((one) => /^q\s*=\s*([\d.]+)$/.exec(one)?.[1]).find(Boolean)
  return { type, quality: quality === undefined ? 1 : Number(quality) }
}
