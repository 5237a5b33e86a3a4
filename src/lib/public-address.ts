import { BlockList, isIP } from 'node:net'

/** Everything that IANA's registries keep from the public internet, v4 and v6 (RFC 6890). */
const NOT_PUBLIC = {
  ipv4: [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
    ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24'],
    ...['192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15'],
    ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ],
  ipv6: [
    // With the first of them, v4 addresses in v6 form; 64:ff9b and 2002 also carry v4 addresses.
    ...['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
    ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  ],
} as const

const notPublic = new BlockList()
for (const [family, ranges] of Object.entries(NOT_PUBLIC)) {
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    notPublic.addSubnet(network, Number(bits), family as 'ipv4' | 'ipv6')
  }
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** A v4 address that is written as a v6 one, as the v4 address that it is. */
export function plainAddress(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address
}

/** Whether an address belongs to the internet at large: no loopback, no private network. */
export function isPublicAddress(address: string): boolean {
  const plain = plainAddress(address)
  const version = isIP(plain)
  if (version === 0) return false
  return !notPublic.check(plain, version === 4 ? 'ipv4' : 'ipv6')
}
