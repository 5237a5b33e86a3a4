import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secret } from './secret.ts'
import { makeVault } from './vault.ts'

describe('the vault', () => {
  const vault = makeVault(new Secret('s'.repeat(40)))

  it('gives back what it sealed, as a secret', () => {
    const sealed = vault.seal('über key', 'push:a')
    assert.equal(vault.open(sealed, 'push:a').reveal(), 'über key')
    assert.equal(String(vault.open(sealed, 'push:a')), '***')
    assert.equal(sealed.includes('key'), false)
    assert.notEqual(vault.seal('über key', 'push:a'), sealed)
  })

  it('opens nothing for another purpose, by another secret, or that was changed', () => {
    const sealed = vault.seal('key', 'push:a')
    const changed = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA')
    const other = makeVault(new Secret('t'.repeat(40)))
    assert.throws(() => vault.open(sealed, 'push:b'), /HOMEPORT_SECRET/)
    assert.throws(() => other.open(sealed, 'push:a'), /HOMEPORT_SECRET/)
    assert.throws(() => vault.open(changed, 'push:a'), /HOMEPORT_SECRET/)
    assert.throws(() => vault.open('plain', 'push:a'), /unknown form/)
  })
})
