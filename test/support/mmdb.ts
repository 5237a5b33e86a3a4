/**
 * A file in MaxMind's format (MaxMind DB File Format Specification 2.0) that knows one network of
 * IPv4 addresses: enough to read from, and small.
 */
export function mmdbOf(network: string, bits: number, row: Record<string, unknown>): Buffer {
  const address = network.split('.').map(Number)
  const nodes = Array.from({ length: bits }, (_, depth) => {
    const bit = ((address[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1
    // Past the last node lies the data, 16 bytes behind the tree.
    const next = depth === bits - 1 ? bits + 16 : depth + 1
    return bit === 0 ? [next, bits] : [bits, next]
  })
  const tree = Buffer.concat(nodes.flat().map(record24))
  const metadata = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    database_type: 'test',
    description: {},
    ip_version: 4,
    languages: ['en'],
    node_count: bits,
    record_size: 24,
  }
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
  return Buffer.concat([tree, Buffer.alloc(16), encoded(row), marker, encoded(metadata)])
}

function record24(value: number): Buffer {
  return Buffer.from([value >> 16, (value >> 8) & 255, value & 255])
}

const TYPES = { text: 2, double: 3, uint32: 6, map: 7, list: 11 } as const

function encoded(value: unknown): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return Buffer.concat([control('text', bytes.length), bytes])
  }
  if (typeof value === 'number') return encodedNumber(value)
  if (Array.isArray(value)) {
    return Buffer.concat([control('list', value.length), ...value.map(encoded)])
  }
  const entries = Object.entries(value as Record<string, unknown>)
  return Buffer.concat([control('map', entries.length), ...entries.flat().map(encoded)])
}

function encodedNumber(value: number): Buffer {
  if (Number.isInteger(value) && value >= 0) {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control('uint32', 4), bytes])
  }
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return Buffer.concat([control('double', 8), bytes])
}

function control(type: keyof typeof TYPES, size: number): Buffer {
  const number = TYPES[type]
  if (size >= 29) throw new RangeError('this writer keeps to short values')
  return number < 8 ? Buffer.from([(number << 5) | size]) : Buffer.from([size, number - 7])
}
