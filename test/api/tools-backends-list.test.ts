import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { NOW, openToolsApp, patch, plant, STORES, type ToolsApp } from './tools-app.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const iso = (ms: number) => new Date(ms).toISOString()

type Item = { readonly id: string; readonly name: string; readonly version: string }
type Link = { readonly rel: string; readonly href: string }
type List = {
  readonly count: number
  readonly totalResults: number
  readonly hasMore: boolean
  readonly links: readonly Link[]
  readonly items: readonly Item[]
  readonly limit: number
  readonly offset: number
}

const ALL = 'Attic 1.0|Depot 1.0|Ferry 2.0|Orders 1.0|Orders 1.2|Orders 1.10'

/** Every row: a sentence, a query, and the backends in order, or 400. `{name}` stands for an id. */
const FILTERS: readonly (readonly [string, string, string | 400])[] = [
  // 3.1
  ['lists everything without a filter, the trash too', '', ALL],
  ['joins filters by "and"', 'q=orders&filterType=PUBLISHED', 'Orders 1.0'],
  ['ignores unknown parameters', 'colour=red', ALL],
  // 3.3
  ['keeps only the ids that are listed, by name', 'id={Ferry}&id={Attic}', 'Attic 1.0|Ferry 2.0'],
  ['takes a comma within an id as a part of it', 'id={Ferry},{Attic}', ''],
  [
    'drops the ids that are excluded',
    'exclude={Ferry}&exclude={Attic}&exclude={Depot}',
    'Orders 1.0|Orders 1.2|Orders 1.10',
  ],
  [
    'drops an id that is both listed and excluded',
    'id={Ferry}&id={Attic}&exclude={Attic}',
    'Ferry 2.0',
  ],
  [
    'finds nothing under unknown and malformed ids',
    'id=57165555-aa10-4838-938a-354c2b3a287sa&id=x',
    '',
  ],
  ['ignores unknown ids to exclude', 'exclude=57165555-aa10-4838-938a-354c2b3a287sa', ALL],
  ['counts an id once that comes twice', 'id={Ferry}&id={Ferry}', 'Ferry 2.0'],
  ['takes an empty id as none', 'id=', ALL],
  ['takes an empty id to exclude as none', 'exclude=', ALL],
  ['compares ids without regard to case', 'id={FERRY}', 'Ferry 2.0'],
  // 3.4
  ['finds what is published', 'filterType=PUBLISHED', 'Attic 1.0|Ferry 2.0|Orders 1.0'],
  ['finds drafts', 'filterType=NOT_PUBLISHED', 'Depot 1.0|Orders 1.2|Orders 1.10'],
  ['finds what is in the trash', 'filterType=TRASH', 'Attic 1.0|Depot 1.0'],
  [
    'finds what is not in the trash',
    'filterType=NOT_TRASH',
    'Ferry 2.0|Orders 1.0|Orders 1.2|Orders 1.10',
  ],
  ['finds what is active', 'filterType=ACTIVE', 'Attic 1.0|Orders 1.0|Orders 1.2|Orders 1.10'],
  ['finds what is inactive', 'filterType=INACTIVE', 'Depot 1.0|Ferry 2.0'],
  [
    'joins values of different pairs by "and"',
    'filterType=NOT_PUBLISHED,NOT_TRASH,ACTIVE',
    'Orders 1.2|Orders 1.10',
  ],
  [
    'finds what is live and active, draft or not',
    'filterType=NOT_TRASH,ACTIVE',
    'Orders 1.0|Orders 1.2|Orders 1.10',
  ],
  ['keeps trash and activity apart', 'filterType=TRASH,ACTIVE', 'Attic 1.0'],
  ['finds nothing for both of a pair', 'filterType=TRASH,NOT_TRASH', ''],
  ['takes an empty filterType as none', 'filterType=', ALL],
  ['trims blanks round commas', 'filterType=TRASH%20,%20ACTIVE', 'Attic 1.0'],
  ['skips empty members', 'filterType=TRASH,,ACTIVE,', 'Attic 1.0'],
  ['merges a repeated filterType', 'filterType=TRASH&filterType=ACTIVE', 'Attic 1.0'],
  ['takes a value twice as once', 'filterType=TRASH,TRASH', 'Attic 1.0|Depot 1.0'],
  ['refuses an unknown filterType', 'filterType=LIVE', 400],
  ['refuses a filterType in lower case', 'filterType=active', 400],
  ['refuses a filterType of another list', 'filterType=MAX_ONLY', 400],
  ['refuses a filterType named like an object member', 'filterType=constructor', 400],
  // 3.5
  [
    'compares deletedOn of trash and modifiedOn of the rest',
    'fromTime=-1h',
    'Depot 1.0|Orders 1.2|Orders 1.10',
  ],
  [
    'includes the instant fromTime itself',
    `fromTime=${NOW - 30 * MINUTE}`,
    'Depot 1.0|Orders 1.2|Orders 1.10',
  ],
  ['excludes the instant before', `fromTime=${NOW - 30 * MINUTE + 1}`, 'Orders 1.10'],
  ['includes the instant toTime itself', 'toTime=2026-05-01T00:00:00.000Z', 'Orders 1.0'],
  ['excludes the instant after toTime', `toTime=${Date.parse('2026-05-01T00:00:00Z') - 1}`, ''],
  ['finds what was untouched for an hour', 'toTime=-1h', 'Attic 1.0|Ferry 2.0|Orders 1.0'],
  ['takes digits as milliseconds, never seconds', 'fromTime=1800000000', ALL],
  ['takes ISO 8601 without a fraction', 'toTime=2026-05-01T00:00:00Z', 'Orders 1.0'],
  ['takes an escaped offset', 'toTime=2026-05-01T02:00:00%2B02:00', 'Orders 1.0'],
  ['takes a raw plus of an offset', 'toTime=2026-05-01T02:00:00+02:00', 'Orders 1.0'],
  ['takes a negative offset', 'toTime=2026-04-30T19:00:00-05:00', 'Orders 1.0'],
  ['takes a day alone as its beginning, also as toTime', 'toTime=2026-05-01', 'Orders 1.0'],
  ['takes a time without a zone as UTC', 'toTime=2026-05-01T00:00:00', 'Orders 1.0'],
  ['takes minutes back', 'fromTime=-15m', 'Orders 1.10'],
  ['takes seconds back', 'fromTime=-30s', 'Orders 1.10'],
  ['takes no time back as now', 'fromTime=-0s', ''],
  ['refuses days back', 'fromTime=-1d', 400],
  ['refuses a time ahead', 'fromTime=%2B1h', 400],
  ['refuses a span without a sign', 'fromTime=1h', 400],
  ['refuses a span without a number', 'fromTime=-h', 400],
  ['refuses half hours', 'fromTime=-1.5h', 400],
  ['refuses a span without a unit', 'fromTime=-5', 400],
  ['refuses a unit in upper case', 'fromTime=-1H', 400],
  ['refuses words', 'toTime=yesterday', 400],
  ['refuses impossible dates', 'fromTime=2026-02-30', 400],
  ['refuses the hour 24', 'fromTime=2026-02-20T24:00:00Z', 400],
  ['refuses a year beyond range', 'fromTime=12026-01-01', 400],
  ['refuses a number beyond 64 bits', 'fromTime=9223372036854775808', 400],
  ['takes the largest number of 64 bits', 'fromTime=9223372036854775807', ''],
  ['refuses a span beyond 64 bits', 'fromTime=-9223372036854775808h', 400],
  ['takes a span longer than history', 'fromTime=-9223372036854775807h', ALL],
  ['takes an empty time as absent', 'fromTime=&toTime=', ALL],
  ['finds nothing from a later to an earlier time', 'fromTime=-1m&toTime=-1h', ''],
  ['takes a time in the future', 'toTime=2030-01-01', ALL],
  ['refuses two different times', 'fromTime=-1m&fromTime=-1h', 400],
  // 3.6
  ['searches names without regard to case', 'q=ORD', 'Orders 1.0|Orders 1.2|Orders 1.10'],
  ['searches display names', 'q=STRASSE', 'Orders 1.0'],
  ['searches descriptions', 'q=harbour', 'Ferry 2.0'],
  ['takes a percent sign literally', 'q=%25', 'Orders 1.0'],
  ['takes an underscore literally', 'q=n_n', 'Orders 1.0'],
  ['takes an asterisk literally', 'q=*', ''],
  ['takes quotes and operators literally', 'q=%22Orders%22%20AND%201', ''],
  ['takes an empty q as none', 'q=', ALL],
  ['keeps blanks at the edges of q', 'q=%20fun', 'Orders 1.0'],
  ['takes q of blanks alone as none', 'q=%20%20', ALL],
  ['takes a plus as a blank', 'q=100%25+fun', 'Orders 1.0'],
  ['does not match across name and description', 'q=orders1', ''],
  ['searches no versions', 'q=1.10', ''],
  ['searches no user names', 'q=bob', ''],
  ['takes a bad escape as text', 'q=%zz', ''],
  // 3.7
  ['sorts by name by default, versions by number', 'orderBy=', ALL],
  [
    'sorts descending, ties still by version ascending',
    'orderBy=name:desc',
    'Orders 1.0|Orders 1.2|Orders 1.10|Ferry 2.0|Depot 1.0|Attic 1.0',
  ],
  [
    'sorts by version as numbers',
    'orderBy=version:desc&q=orders',
    'Orders 1.10|Orders 1.2|Orders 1.0',
  ],
  [
    'sorts by modifiedOn',
    'orderBy=modifiedOn',
    'Depot 1.0|Orders 1.0|Attic 1.0|Ferry 2.0|Orders 1.2|Orders 1.10',
  ],
  [
    'sorts by createdOn',
    'orderBy=createdOn:desc&filterType=PUBLISHED',
    'Ferry 2.0|Attic 1.0|Orders 1.0',
  ],
  [
    'sorts what was not deleted last, ties by version',
    'orderBy=deletedOn',
    'Attic 1.0|Depot 1.0|Orders 1.0|Orders 1.2|Orders 1.10|Ferry 2.0',
  ],
  [
    'sorts what was not deleted first, descending',
    'orderBy=deletedOn:desc,name',
    'Ferry 2.0|Orders 1.0|Orders 1.2|Orders 1.10|Depot 1.0|Attic 1.0',
  ],
  ['sorts by deletedBy', 'orderBy=deletedBy&filterType=TRASH', 'Attic 1.0|Depot 1.0'],
  [
    'takes the left term as the most significant',
    'orderBy=version:asc,name:desc',
    'Orders 1.0|Depot 1.0|Attic 1.0|Orders 1.2|Orders 1.10|Ferry 2.0',
  ],
  ['takes an escaped colon', 'orderBy=name%3Adesc&filterType=TRASH', 'Depot 1.0|Attic 1.0'],
  ['refuses an unknown attribute', 'orderBy=modifiedBy', 400],
  ['refuses the attribute id', 'orderBy=id', 400],
  ['refuses an unknown direction', 'orderBy=name:up', 400],
  ['refuses a colon without a direction', 'orderBy=name:', 400],
  ['refuses a direction without an attribute', 'orderBy=:asc', 400],
  ['refuses an attribute in upper case', 'orderBy=NAME', 400],
  ['takes a direction in upper case', 'orderBy=name:DESC&filterType=TRASH', 'Depot 1.0|Attic 1.0'],
  [
    'lets the first mention of an attribute win',
    'orderBy=name:desc,name:asc&filterType=TRASH',
    'Depot 1.0|Attic 1.0',
  ],
  [
    'trims blanks round commas and colons',
    'orderBy=name%20:%20desc%20,%20version&filterType=TRASH',
    'Depot 1.0|Attic 1.0',
  ],
  // 3.8
  ['cuts a page', 'limit=2', 'Attic 1.0|Depot 1.0'],
  ['starts a page further on', 'limit=2&offset=3', 'Orders 1.0|Orders 1.2'],
  ['serves the rest without a limit', 'offset=4', 'Orders 1.2|Orders 1.10'],
  ['reduces a limit above the ceiling', 'limit=5000', ALL],
  ['takes the largest limit of 64 bits', 'limit=9223372036854775807', ALL],
  ['refuses the limit 0', 'limit=0', 400],
  ['refuses a negative limit', 'limit=-1', 400],
  ['refuses a limit that is no integer', 'limit=1.5', 400],
  ['refuses a limit in words', 'limit=ten', 400],
  ['refuses a limit beyond 64 bits', 'limit=9223372036854775808', 400],
  ['refuses a negative offset', 'offset=-1', 400],
  ['refuses an offset that is no integer', 'offset=1e3', 400],
  ['finds nothing past the end', 'offset=6', ''],
  ['finds nothing far past the end', 'offset=9223372036854775807&limit=1', ''],
  [
    'ignores totalResults, whatever it says',
    'totalResults=perhaps&filterType=TRASH',
    'Attic 1.0|Depot 1.0',
  ],
]

const PAGE = '/mobile/tools/1.0/mobilebackends'
const SEED = `${PAGE}?offset=1&limit=1&totalResults=true&orderBy=modifiedOn%3Adesc`

/** Section 3.9: a query, and the rels with the targets of those that page. */
const LINKS: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['links only to itself without a limit', 'q=o', { canonical: PAGE, self: `${PAGE}?q=o` }],
  ['links to itself without a query', '', { canonical: PAGE, self: PAGE }],
  [
    'links forward from the first page',
    'limit=1&orderBy=modifiedOn:desc',
    {
      next: SEED,
      first: SEED.replace('offset=1', 'offset=0'),
      last: SEED.replace('offset=1', 'offset=5'),
      canonical: PAGE,
      self: `${PAGE}?limit=1&orderBy=modifiedOn%3Adesc`,
    },
  ],
  [
    'links both ways from the middle',
    'limit=2&offset=2',
    {
      next: `${PAGE}?offset=4&limit=2&totalResults=true`,
      prev: `${PAGE}?offset=0&limit=2&totalResults=true`,
      first: `${PAGE}?offset=0&limit=2&totalResults=true`,
      last: `${PAGE}?offset=4&limit=2&totalResults=true`,
      canonical: PAGE,
      self: `${PAGE}?limit=2&offset=2`,
    },
  ],
  [
    'never links before the beginning',
    'limit=4&offset=3',
    {
      prev: `${PAGE}?offset=0&limit=4&totalResults=true`,
      first: `${PAGE}?offset=0&limit=4&totalResults=true`,
      last: `${PAGE}?offset=4&limit=4&totalResults=true`,
      canonical: PAGE,
      self: `${PAGE}?limit=4&offset=3`,
    },
  ],
  [
    'links back to the last real page from past the end',
    'limit=4&offset=100',
    {
      prev: `${PAGE}?offset=4&limit=4&totalResults=true`,
      first: `${PAGE}?offset=0&limit=4&totalResults=true`,
      last: `${PAGE}?offset=4&limit=4&totalResults=true`,
      canonical: PAGE,
      self: `${PAGE}?limit=4&offset=100`,
    },
  ],
  [
    'links to an empty only page',
    'limit=4&q=nothing',
    {
      first: `${PAGE}?offset=0&limit=4&totalResults=true&q=nothing`,
      last: `${PAGE}?offset=0&limit=4&totalResults=true&q=nothing`,
      canonical: PAGE,
      self: `${PAGE}?limit=4&q=nothing`,
    },
  ],
  [
    'keeps the other parameters in the order received, unknown ones too',
    'z=1&filterType=NOT_TRASH,ACTIVE&limit=9&totalResults=false&q=a%20b',
    {
      first: `${PAGE}?offset=0&limit=9&totalResults=true&z=1&filterType=NOT_TRASH%2CACTIVE&q=a%20b`,
      last: `${PAGE}?offset=0&limit=9&totalResults=true&z=1&filterType=NOT_TRASH%2CACTIVE&q=a%20b`,
      canonical: PAGE,
      self: `${PAGE}?z=1&filterType=NOT_TRASH%2CACTIVE&limit=9&totalResults=false&q=a%20b`,
    },
  ],
  [
    'fixes relative times in paging links, and copies them in self',
    'fromTime=-1h&toTime=-1m&limit=9',
    {
      first: `${PAGE}?offset=0&limit=9&totalResults=true&fromTime=${NOW - HOUR}&toTime=${NOW - MINUTE}`,
      last: `${PAGE}?offset=0&limit=9&totalResults=true&fromTime=${NOW - HOUR}&toTime=${NOW - MINUTE}`,
      canonical: PAGE,
      self: `${PAGE}?fromTime=-1h&toTime=-1m&limit=9`,
    },
  ],
  [
    'writes blanks and other characters in UTF-8',
    'q=%C3%A9+%26&limit=9',
    {
      first: `${PAGE}?offset=0&limit=9&totalResults=true&q=%C3%A9%20%26`,
      last: `${PAGE}?offset=0&limit=9&totalResults=true&q=%C3%A9%20%26`,
      canonical: PAGE,
      self: `${PAGE}?q=%C3%A9%20%26&limit=9`,
    },
  ],
  [
    'says the limit that it used in the links',
    'limit=5000',
    {
      first: `${PAGE}?offset=0&limit=1000&totalResults=true`,
      last: `${PAGE}?offset=0&limit=1000&totalResults=true`,
      canonical: PAGE,
      self: `${PAGE}?limit=5000`,
    },
  ],
]

for (const stores of STORES) {
  describe(`Retrieve Backends on ${stores.name}`, () => {
    let tools: ToolsApp
    const ids = new Map<string, string>()

    before(async () => {
      tools = await openToolsApp(stores)
      await plantFleet(tools, ids)
    })
    after(() => tools.close())

    const withIds = (query: string) =>
      query.replace(/\{(\w+)\}/g, (_all, name: string) => ids.get(name) ?? assert.fail(name))
    const list = (query: string, headers = {}) =>
      tools.call('GET', `/mobilebackends${query === '' ? '' : `?${withIds(query)}`}`, { headers })

    for (const [why, query, expected] of FILTERS) {
      it(why, async () => {
        const reply = await list(query)
        if (expected === 400) {
          assert.equal(reply.statusCode, 400)
          assert.equal(reply.json()['o:errorCode'], 'MOBILE-10011')
          return
        }
        assert.equal(reply.statusCode, 200)
        const { items, count } = reply.json<List>()
        assert.equal(items.map((one) => `${one.name} ${one.version}`).join('|'), expected)
        assert.equal(count, items.length)
      })
    }

    for (const [why, query, expected] of LINKS) {
      it(why, async () => {
        const { links } = (await list(query)).json<List>()
        assert.deepEqual(
          links,
          Object.entries(expected).map(([rel, href]) => ({ rel, href })),
        )
      })
    }

    it('leads through all pages by the link next, in order and without repeats', async () => {
      const seen: string[] = []
      let path: string | undefined = '/mobilebackends?limit=2&orderBy=createdOn:desc'
      while (path) {
        const page: List = (await tools.call('GET', path)).json()
        seen.push(...page.items.map((one) => one.id))
        path = page.links
          .find((link) => link.rel === 'next')
          ?.href.slice('/mobile/tools/1.0'.length)
      }
      const { items } = (await list('orderBy=createdOn:desc')).json<List>()
      assert.deepEqual(
        seen,
        items.map((one) => one.id),
      )
    })

    it('tells count, total and whether there is more', async () => {
      const { count, totalResults, hasMore, limit, offset } = (
        await list('limit=4&offset=1')
      ).json<List>()
      assert.deepEqual(
        { count, totalResults, hasMore, limit, offset },
        { count: 4, totalResults: 6, hasMore: true, limit: 4, offset: 1 },
      )
    })

    it('tells the end', async () => {
      const page = (await list('limit=4&offset=4')).json<List>()
      assert.deepEqual([page.count, page.totalResults, page.hasMore], [2, 6, false])
    })

    it('names every wrong parameter in one answer', async () => {
      const reply = await list('filterType=LIVE&limit=0&orderBy=size&fromTime=soon&offset=x')
      const { detail } = reply.json()
      for (const word of ["'LIVE'", "'limit'", "'size'", "'soon'", "'offset'", 'NOT_TRASH']) {
        assert.ok(detail.includes(word), `${word} in ${detail}`)
      }
    })

    it('answers with the headers of the example', async () => {
      const { headers, rawPayload } = await list('limit=1')
      assert.equal(headers['content-type'], 'application/json')
      assert.equal(headers['content-length'], String(rawPayload.length))
      assert.equal(headers.etag, undefined)
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers.vary, 'Accept-Language')
      assert.equal(headers['content-language'], 'en')
    })

    it('answers HEAD as GET, without the body', async () => {
      const get = await list('limit=1')
      const head = await tools.call('HEAD', '/mobilebackends?limit=1')
      assert.equal(head.statusCode, 200)
      assert.equal(head.payload, '')
      assert.equal(head.headers['content-length'], get.headers['content-length'])
      assert.equal(head.headers['content-type'], 'application/json')
    })

    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      it(`refuses ${method}, and tells what there is`, async () => {
        const reply = await tools.call(method, '/mobilebackends')
        assert.equal(reply.statusCode, 405)
        assert.equal(reply.headers.allow, 'GET, HEAD, POST, OPTIONS')
      })
    }

    it('tells its verbs to OPTIONS, without a token', async () => {
      const headers = { authorization: undefined }
      const reply = await tools.call('OPTIONS', '/mobilebackends', { headers })
      assert.equal(reply.statusCode, 204)
      assert.equal(reply.headers.allow, 'GET, HEAD, POST, OPTIONS')
    })

    for (const [accept, status] of [
      ['application/json', 200],
      ['*/*', 200],
      ['application/*;q=0.5', 200],
      ['text/html, */*;q=0.1', 200],
      ['text/html', 406],
      ['application/json;q=0, */*', 406],
      ['nonsense', 200],
    ] as const) {
      it(`answers ${status} to Accept: ${accept}`, async () => {
        assert.equal((await list('limit=1', { accept })).statusCode, status)
      })
    }

    it('shows an own write at once', async () => {
      const id = ids.get('Ferry') ?? ''
      await patch(tools.tools.store, id, { name: 'Zebra' })
      assert.equal((await list('q=zebra')).json<List>().items[0]?.id, id)
      await patch(tools.tools.store, id, { name: 'Ferry' })
      assert.equal((await list('q=zebra')).json<List>().count, 0)
    })

    it('shows every write of many at once', async () => {
      const names = Array.from({ length: 20 }, (_, at) => `Burst${at}`)
      const made = await Promise.all(
        names.map(async (name) => {
          const backend = await plant(tools, { name })
          const found = (await list(`id=${backend.id}`)).json<List>()
          return found.count
        }),
      )
      assert.deepEqual(new Set(made), new Set([1]))
      assert.equal((await list('q=burst')).json<List>().count, 20)
    })
  })

  describe(`the collation of lists on ${stores.name}`, () => {
    let tools: ToolsApp

    before(async () => {
      tools = await openToolsApp(stores)
      for (const name of ['Zeta', 'aaben', 'Aero', 'zeta']) await plant(tools, { name })
    })
    after(() => tools.close())

    for (const [why, header, expected, language] of [
      ['English without a header', undefined, 'aaben|Aero|zeta|Zeta', 'en'],
      ['Danish, where aa comes after z', 'da', 'Aero|Zeta|zeta|aaben', 'da'],
      ['the first by preference', 'en;q=0.2, da;q=0.8', 'Aero|Zeta|zeta|aaben', 'da'],
      ['the region of a language', 'da-DK', 'Aero|Zeta|zeta|aaben', 'da'],
      ['the next that has a collation', 'tlh, da;q=0.1', 'Aero|Zeta|zeta|aaben', 'da'],
      ['English for none that has one', 'tlh', 'aaben|Aero|zeta|Zeta', 'en'],
      ['English for any', '*', 'aaben|Aero|zeta|Zeta', 'en'],
      ['none that is refused', 'da;q=0', 'aaben|Aero|zeta|Zeta', 'en'],
      ['English for nonsense', ';;q=x,,_%', 'aaben|Aero|zeta|Zeta', 'en'],
      ['a language without its extensions', 'da-u-co-search', 'Aero|Zeta|zeta|aaben', 'da'],
    ] as const) {
      it(`sorts by ${why}`, async () => {
        const headers = { 'accept-language': header }
        const reply = await tools.call('GET', '/mobilebackends', { headers })
        assert.equal(
          reply
            .json<List>()
            .items.map((one) => one.name)
            .join('|'),
          expected,
        )
        assert.equal(reply.headers['content-language'], language)
      })
    }

    it('does not let Turkish change what is found', async () => {
      await plant(tools, { name: 'TITLE' })
      const headers = { 'accept-language': 'tr' }
      const reply = await tools.call('GET', '/mobilebackends?q=title', { headers })
      assert.equal(reply.json<List>().count, 1)
    })
  })

  describe(`the ceiling of lists on ${stores.name}`, () => {
    let tools: ToolsApp

    before(async () => {
      tools = await openToolsApp(stores, { listLimitMax: 3 })
      for (const name of ['A', 'B', 'C', 'D']) await plant(tools, { name })
    })
    after(() => tools.close())

    it('cuts a list without a limit, and links to the rest', async () => {
      const page = (await tools.call('GET', '/mobilebackends')).json<List>()
      assert.deepEqual([page.count, page.totalResults, page.hasMore], [3, 4, true])
      assert.equal(page.links[0]?.href, `${PAGE}?offset=3&limit=3&totalResults=true`)
      assert.deepEqual(
        page.links.map((link) => link.rel),
        ['next', 'first', 'last', 'canonical', 'self'],
      )
    })
  })
}

/** Six backends in all conditions. The key of an id is its name, for Orders only the first. */
async function plantFleet(tools: ToolsApp, ids: Map<string, string>): Promise<void> {
  const may = Date.parse('2026-05-01T00:00:00.000Z')
  const orders = await plant(tools, {
    name: 'Orders',
    title: 'Straße',
    desc: '100% fun_ny',
    at: may,
    state: { published: true },
  })
  await plant(tools, { name: 'Orders', version: '1.2', at: NOW - 30 * MINUTE })
  await plant(tools, { name: 'Orders', version: '1.10', at: NOW - 10_000 })
  const depot = await plant(tools, {
    name: 'Depot',
    at: Date.parse('2020-01-01T00:00:00.000Z'),
    state: { inactive: true, inTrash: true, deletedOn: iso(NOW - 30 * MINUTE), deletedBy: 'bob' },
  })
  const ferry = await plant(tools, {
    name: 'Ferry',
    version: '2.0',
    desc: 'Round the harbour',
    at: NOW - 5 * HOUR,
    state: { published: true, inactive: true },
  })
  const attic = await plant(tools, {
    name: 'Attic',
    at: NOW - 48 * HOUR,
    state: {
      published: true,
      inTrash: true,
      deletedOn: '2026-05-20T00:00:00.000Z',
      deletedBy: 'Änne',
    },
  })
  for (const one of [orders, depot, ferry, attic]) ids.set(one.name, one.id)
  ids.set('FERRY', ferry.id.toUpperCase())
}
