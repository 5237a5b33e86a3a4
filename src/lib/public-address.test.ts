import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPublicAddress, plainAddress } from './public-address.ts'

describe('isPublicAddress', () => {
  for (const address of [
    ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255'],
    ...['192.168.1.1', '169.254.169.254', '100.64.0.1', '198.18.0.1', '224.0.0.1'],
    ...['255.255.255.255', '::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:10.0.0.1'],
    ...['::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', 'fe80::1', 'fe80::1%eth0'],
    ...['fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1', 'localhost', ''],
  ]) {
    it(`says no to ${address}`, () => assert.equal(isPublicAddress(address), false))
  }

  for (const address of [
    ...['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.128.0.1', '::ffff:8.8.8.8'],
    '2606:4700:4700::1111',
  ]) {
    it(`says yes to ${address}`, () => assert.equal(isPublicAddress(address), true))
  }
})

describe('plainAddress', () => {
  it('writes a mapped address as what it is, and leaves others', () => {
    assert.equal(plainAddress('::ffff:8.8.8.8'), '8.8.8.8')
    assert.equal(plainAddress('::1'), '::1')
  })
})
