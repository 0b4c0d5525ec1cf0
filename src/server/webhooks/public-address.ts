/**
 * Which addresses lie outside: where a robot may be spoken to. An administrator's typing, or a name that leads elsewhere later, must not
 * let this program speak to what only it can reach.
 *
 * Of IPv6 only what is given out to the world counts as outside; an IPv4 address in the form of IPv6 is judged as the IPv4 address.
 */
import { BlockList, isIP } from 'node:net'

/** By IANA's registry of special-purpose addresses. */
const INSIDE: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  // Ways around by IPv4 (Teredo, 6to4), and examples.
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
]

const inside = new BlockList()
for (const [network, prefix, family] of INSIDE) inside.addSubnet(network, prefix, family)
const world = new BlockList()
world.addSubnet('2000::', 3, 'ipv6')
const mapped = new BlockList()
mapped.addSubnet('::ffff:0:0', 96, 'ipv6')

/** `address`: of IPv4 or IPv6, as a system writes it. What is neither is not outside. */
export function isPublicAddress(address: string): boolean {
  const [bare = ''] = address.split('%')
  switch (isIP(bare)) {
    case 4:
      return !inside.check(bare, 'ipv4')
    case 6:
      // The list meets an address of this form with its rules for IPv4.
      return (world.check(bare, 'ipv6') || mapped.check(bare, 'ipv6')) && !inside.check(bare, 'ipv6')
    default:
      return false
  }
}
