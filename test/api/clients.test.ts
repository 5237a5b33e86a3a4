import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { mmdbOf } from '../support/mmdb.ts'
import { onEachDatabase } from '../support/test-app.ts'

onEachDatabase('clients/geolocate', (app) => {
  for (const [address, country] of [
    ['8.8.8.8', 'US'],
    ['::ffff:8.8.8.8', 'US'],
    ['2a00:1450:4001::1', 'DE'],
    ['106.39.153.78', 'CN'],
  ] as const) {
    it(`tells the country of ${address} without any setting`, async () => {
      const { status, body } = await app().get('clients/geolocate', { ip_address: address })
      assert.deepEqual([status, body.meta.method_name], [200, 'geolocateClient'])
      const ip_address = address.replace('::ffff:', '')
      assert.deepEqual(body.response, { ip_address, location: { country_code: country } })
    })
  }

  it("takes the caller's own address when none is named", async () => {
    const url = `/v1/clients/geolocate.json?key=${app().backend.key}`
    const known = await app().send({ url, remoteAddress: '8.8.4.4' })
    assert.equal(known.body.response.ip_address, '8.8.4.4')
    const local = await app().get('clients/geolocate')
    assert.equal(local.status, 400)
    assert.equal(local.body.meta.message, 'The address 127.0.0.1 cannot be located.')
  })

  for (const [address, message] of [
    ['10.0.0.1', 'The address 10.0.0.1 cannot be located.'],
    ['::1', 'The address ::1 cannot be located.'],
    ['300.1.1.1', 'Invalid ip_address parameter; value must be an address'],
    ['example.org', 'Invalid ip_address parameter; value must be an address'],
    ['x'.repeat(46), 'Invalid ip_address parameter; value must be at most 45 characters long'],
  ] as const) {
    it(`refuses ${address}`, async () => {
      const { status, body } = await app().get('clients/geolocate', { ip_address: address })
      assert.deepEqual([status, body.meta.message, body.response], [400, message, undefined])
    })
  }

  it('needs the key of an app', async () => {
    const { status } = await app().send({ url: '/v1/clients/geolocate.json?ip_address=8.8.8.8' })
    assert.equal(status, 401)
  })
})

const file = join(mkdtempSync(join(tmpdir(), 'homeport-geoip-')), 'city.mmdb')
writeFileSync(
  file,
  mmdbOf('203.0.113.0', 24, {
    country: { iso_code: 'IM' },
    city: { names: { en: 'Douglas' } },
    subdivisions: [{ names: { en: 'Middle' } }],
    postal: { code: 'IM1' },
    location: { latitude: 54.15, longitude: -4.48 },
  }),
)

describe('clients/geolocate with a database of cities', () => {
  onEachDatabase(
    'its answer',
    (app) => {
      it('tells all that the database knows', async () => {
        const { body } = await app().get('clients/geolocate', { ip_address: '203.0.113.9' })
        const location = {
          country_code: 'IM',
          city: 'Douglas',
          state: 'Middle',
          postal_code: 'IM1',
          latitude: 54.15,
          longitude: -4.48,
        }
        assert.deepEqual(body.response, { ip_address: '203.0.113.9', location })
      })

      it('knows no other addresses', async () => {
        const { status } = await app().get('clients/geolocate', { ip_address: '8.8.8.8' })
        assert.equal(status, 400)
      })
    },
    { HOMEPORT_GEOIP_DB: file },
  )
})
