import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { TestCollection } from '../support/platform-storage.ts'
import { onEachDatabase } from '../support/test-app.ts'

type ListPage = {
  readonly items: readonly { readonly id: string }[]
  readonly links: readonly { readonly rel: string; readonly href: string }[]
}

onEachDatabase('reading from the storage of the platform', (app) => {
  let platform: PlatformApp
  let backend: DoorKeys
  let texts: TestCollection
  before(async () => {
    platform = await PlatformApp.open(app())
    backend = await platform.backend()
    texts = await TestCollection.make(platform, backend, { name: 'Texts' })
    await app().user('ann', backend)
    await texts.put('/objects/ten', 'ann', '0123456789', { 'content-type': 'text/Plain; a=b' })
  })

  describe('sends an object', () => {
    const read = (headers: Record<string, string>) => texts.get('/objects/ten', 'ann', headers)

    for (const [range, status, body, contentRange] of [
      ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
      ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
      ['bytes=-3', 206, '789', 'bytes 7-9/10'],
      ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
      ['bytes=4-2', 200, '0123456789', undefined],
      ['bytes=0-1,4-5', 200, '0123456789', undefined],
      ['bytes=-', 200, '0123456789', undefined],
      ['lines=1-2', 200, '0123456789', undefined],
      ['bytes=10-', 416, null, 'bytes */10'],
      ['bytes=-0', 416, null, 'bytes */10'],
    ] as const) {
      it(`by the range ${range}: ${status}`, async () => {
        const reply = await read({ range })
        assert.equal(reply.statusCode, status)
        assert.equal(reply.headers['content-range'], contentRange)
        if (body === null) return assert.equal(codeOf(reply)[1], 'MOBILE-10207')
        assert.equal(reply.body, body)
        assert.equal(reply.headers['content-length'], String(body.length))
      })
    }

    it('in part only while it is as the client has it', async () => {
      const range = 'bytes=0-1'
      assert.equal((await read({ range, 'if-range': '"1"' })).body, '01')
      for (const other of ['"2"', 'W/"1"', new Date().toUTCString()]) {
        const whole = await read({ range, 'if-range': other })
        assert.deepEqual([whole.statusCode, whole.body], [200, '0123456789'])
      }
    })

    for (const [name, value, status] of [
      ['if-none-match', '"1"', 304],
      ['if-none-match', 'W/"1"', 304],
      ['if-none-match', '"7", "1"', 304],
      ['if-none-match', '*', 304],
      ['if-none-match', '"2"', 200],
      ['if-match', '"1"', 200],
      ['if-match', '*', 200],
      ['if-match', '"2"', 412],
      ['accept', 'text/plain', 200],
      ['accept', 'text/*;q=0.1', 200],
      ['accept', 'image/png, */*;q=0.1', 200],
      ['accept', 'image/png, application/json', 406],
      ['accept', 'text/plain;q=0, */*', 406],
    ] as const) {
      it(`with ${name}: ${value} as ${status}`, async () => {
        const reply = await read({ [name]: value })
        assert.equal(reply.statusCode, status)
        assert.equal(reply.headers.etag, '"1"')
        if (status === 200) assert.equal(reply.body, '0123456789')
        else if (status === 304) assert.equal(reply.body, '')
      })
    }

    it('and names the types that there are when none will do', async () => {
      const { 'o:errorDetails': details } = (await read({ accept: 'image/png' })).json()
      assert.ok(Array.isArray(details))
      assert.deepEqual(details[0].types, ['text/Plain; a=b'])
    })

    it('by HEAD with all headers and no bytes', async () => {
      const head = await texts.call('HEAD', '/objects/ten', { as: 'ann' })
      const whole = await read({})
      assert.deepEqual([head.statusCode, head.body], [200, ''])
      for (const name of ['content-length', 'content-type', 'etag', 'oracle-mobile-name']) {
        assert.equal(head.headers[name], whole.headers[name], name)
      }
      assert.equal(head.headers['content-length'], '10')
    })

    it('as nothing that a browser would run', async () => {
      const { headers } = await read({})
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.match(String(headers['content-security-policy']), /sandbox/)
    })

    it('of now to each of many readers while it changes', async () => {
      const sizes = [1000, 60_000]
      const write = (n: number) =>
        texts.put('/objects/moving', 'ann', 'x'.repeat(sizes[n % 2] ?? 0))
      await write(0)
      const writing = (async () => {
        for (let n = 1; n < 20; n += 1) {
          await write(n)
          await app().settle()
        }
      })()
      for (let n = 0; n < 60; n += 1) {
        const reply = await texts.get('/objects/moving', 'ann')
        assert.equal(reply.statusCode, 200)
        assert.equal(reply.headers['content-length'], String(reply.body.length))
        assert.ok(sizes.includes(reply.body.length))
      }
      await writing
    })
  })

  describe('lists objects', () => {
    let shelf: TestCollection
    before(async () => {
      shelf = await TestCollection.make(platform, backend, { name: 'Shelf' })
      await app().user('Ben', backend)
      for (const [id, as, type, size, name] of [
        ['b', 'ann', 'text/plain', 3, 'Zebra'],
        ['a', 'Ben', 'image/png', 1, 'apple.PNG'],
        ['c', 'ann', 'image/jpeg', 2, 'a+b (1).jpg'],
      ] as const) {
        const headers = { 'content-type': type, 'oracle-mobile-name': encodeURIComponent(name) }
        await shelf.put(`/objects/${id}`, as, 'x'.repeat(size), headers)
      }
      await shelf.put('/objects/a', 'ann', '1', { 'content-type': 'image/png' })
    })

    it('with what is known of each, and no total unless asked', async () => {
      const { items, ...page } = (await shelf.get('/objects', 'ann')).json()
      assert.deepEqual(
        items.map(({ id }: { id: string }) => id),
        ['a', 'b', 'c'],
      )
      const { links, ...counts } = page
      assert.deepEqual(counts, { hasMore: false, limit: 100, offset: 0, count: 3 })
      const at = `/mobile/platform/storage/collections/${shelf.name}/objects`
      assert.deepEqual(links, [
        { rel: 'canonical', href: at },
        { rel: 'self', href: at },
      ])
      const { eTag, name, createdBy, modifiedBy, contentLength } = items[0]
      assert.deepEqual(
        [eTag, name, createdBy, modifiedBy, contentLength],
        ['"2"', 'apple.PNG', 'Ben', 'ann', 1],
      )
      const told = (await shelf.get('/objects?totalResults=true&limit=1', 'ann')).json()
      assert.deepEqual([told.totalResults, told.count, told.hasMore], [3, 1, true])
    })

    for (const [query, expected] of [
      ['orderBy=id', ['a', 'b', 'c']],
      ['orderBy=id:desc', ['c', 'b', 'a']],
      ['orderBy=name', ['b', 'c', 'a']],
      ['orderBy=contentLength:desc', ['b', 'c', 'a']],
      ['orderBy=contentType', ['c', 'a', 'b']],
      ['orderBy=createdOn:asc', ['b', 'a', 'c']],
      ['orderBy=modifiedOn:desc', ['a', 'c', 'b']],
      ['orderBy=createdBy,id:desc', ['a', 'c', 'b']],
      ['orderBy=createdBy:desc,id:asc', ['b', 'c', 'a']],
      ['limit=2', ['a', 'b']],
      ['limit=2&offset=2', ['c']],
      ['offset=9', []],
      ['q=PNG', ['a']],
      ['q=zeb', ['b']],
      ['q=image', ['a', 'c']],
      ['q=ben', ['a']],
      ['q=a%2Bb%20(1)', ['c']],
      ['q=.%2A', []],
      ['q=z.b', []],
      ['q=a&limit=1&offset=1', ['b']],
      ['q=nothing', []],
    ] as const) {
      it(`by ${query}`, async () => {
        assert.deepEqual(await shelf.ids(`?${query}`, 'ann'), expected)
      })
    }

    for (const query of [
      ...['limit=0', 'limit=-1', 'limit=x', 'offset=-1', 'offset=x', 'orderBy=size'],
      ...['orderBy=name:up', 'orderBy=name:asc:x', 'totalResults=yes', `q=${'a'.repeat(201)}`],
      ...['q=a%00', 'limit=1&limit=2', 'user=someone'],
    ]) {
      it(`not by ${query.slice(0, 30)}`, async () => {
        assert.equal((await shelf.get(`/objects?${query}`, 'ann')).statusCode, 400)
      })
    }

    it('page by page, with links that keep the order', async () => {
      const seen: string[] = []
      const at = `/mobile/platform/storage/collections/${shelf.name}/objects`
      let next: string | undefined = `${at}?limit=1&orderBy=id:desc&totalResults=true`
      const pages: string[] = []
      while (next) {
        pages.push(next)
        const page: ListPage = (await shelf.get(`/objects${next.slice(at.length)}`, 'ann')).json()
        seen.push(...page.items.map(({ id }) => id))
        next = page.links.find(({ rel }) => rel === 'next')?.href
      }
      assert.deepEqual(seen, ['c', 'b', 'a'])
      assert.match(pages[1] ?? '', /offset=1&limit=1&orderBy=id%3Adesc&totalResults=true/)
      const { links } = (await shelf.get('/objects?limit=1&offset=2', 'ann')).json()
      const previous = links.find(({ rel }: { rel: string }) => rel === 'prev')
      assert.equal(previous.href, `${at}?offset=1&limit=1`)
    })

    it('a hundred at most, whatever is asked', async () => {
      const many = await TestCollection.make(platform, backend, { name: 'Many' })
      const ids = Array.from({ length: 102 }, (_, n) => String(1000 + n))
      await Promise.all(ids.map((id) => many.put(`/objects/${id}`, 'ann', id)))
      const page = (await many.get('/objects?limit=5000&totalResults=true', 'ann')).json()
      assert.deepEqual(
        [page.count, page.limit, page.hasMore, page.totalResults],
        [100, 100, true, 102],
      )
    })
  })

  describe('shows collections', () => {
    it('by name, with what they hold', async () => {
      const shelf = await TestCollection.make(platform, backend, {
        name: 'Full',
        desc: 'All of it',
      })
      const read = async () => (await shelf.get('', 'ann')).json()
      assert.deepEqual((await read()).contentLength, 0)
      await Promise.all(['a', 'b'].map((id) => shelf.put(`/objects/${id}`, 'ann', '12345')))
      assert.equal((await read()).contentLength, 10)
      await shelf.put('/objects/a', 'ann', '1')
      assert.equal((await read()).contentLength, 6)
      await shelf.call('DELETE', '/objects/b', { as: 'ann' })
      const href = `/mobile/platform/storage/collections/${shelf.name}`
      const { eTag, ...rest } = await read()
      assert.deepEqual(rest, {
        ...{ id: shelf.name, description: 'All of it', contentLength: 1 },
        links: [
          { rel: 'canonical', href },
          { rel: 'self', href },
        ],
      })
      assert.match(eTag, /^"\d+"$/)
      const head = await shelf.call('HEAD', '', { as: 'ann' })
      assert.deepEqual([head.statusCode, head.headers.etag], [200, eTag])
    })

    it('in a list, by name, with the total if asked', async () => {
      const own = await platform.backend()
      await app().user('ann', own)
      const names = []
      for (const name of ['B', 'A', 'C']) {
        names.push((await TestCollection.make(platform, own, { name })).name)
      }
      const list = (query: string) =>
        platform.call(own, 'GET', `/storage/collections${query}`, { as: 'ann' })
      const page = (await list('?limit=2&totalResults=true')).json()
      assert.deepEqual(
        page.items.map(({ id }: { id: string }) => id),
        names.sort().slice(0, 2),
      )
      assert.deepEqual([page.totalResults, page.hasMore], [3, true])
      assert.equal((await list('')).json().totalResults, undefined)
      assert.equal((await list('?limit=0')).statusCode, 400)
    })

    for (const name of ['Nothing', 'texts', '%00', 'a%2Fb']) {
      it(`not by ${name}`, async () => {
        for (const at of ['', '/objects', '/objects/ten']) {
          const url = `/storage/collections/${name}${at}`
          const reply = await platform.call(backend, 'GET', url, { as: 'ann' })
          assert.deepEqual(codeOf(reply), [404, 'MOBILE-10204'])
        }
      })
    }
  })
})
