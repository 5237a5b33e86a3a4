/** Runs the handlers of a scaffold with nothing but Node, as a program that calls are handed to. */
export const SERVER = `'use strict'

// Runs the handlers: node server.js [port]. Homeport hands calls to it once its address is the
// implementation's upstreamUrl. Let nobody else reach it: it believes the headers
// Oracle-Mobile-User-Id, -User-Name and -User-Roles.
const http = require('node:http')

const routes = []
const service = {}
for (const verb of ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']) {
  service[verb] = function (path, handler) {
    routes.push({ verb: verb.toUpperCase(), segments: path.split('/'), handler })
  }
}
require('%MAIN%')(service)

const server = http.createServer(async function (request, response) {
  const url = new URL(request.url, 'http://localhost')
  const found = find(request.method, url.pathname.split('/'))
  Object.assign(request, { query: Object.fromEntries(url.searchParams), params: {} })
  extend(response)
  if (!found) return response.status(404).send({ detail: 'There is no handler for this.' })
  request.params = found.params
  request.body = await bodyOf(request)
  try {
    await found.handler(request, response)
  } catch (error) {
    process.stderr.write(String((error && error.stack) || error) + '\\n')
    if (!response.headersSent) response.status(500).send({ detail: 'The handler failed.' })
  }
})

server.listen(Number(process.argv[2] || process.env.PORT || 3000), '127.0.0.1', function () {
  process.stdout.write('listening on port ' + server.address().port + '\\n')
})

function find(verb, given) {
  for (const { verb: own, segments, handler } of routes) {
    if (own !== verb || segments.length !== given.length) continue
    const params = {}
    const fits = segments.every(function (segment, at) {
      const [, before, name, after] = /^([^:]*):(\\w+)(.*)$/.exec(segment) || []
      const text = decodeURIComponent(given[at])
      if (!name) return segment === text
      if (!text.startsWith(before) || !text.endsWith(after)) return false
      params[name] = text.slice(before.length, text.length - after.length)
      return params[name] !== ''
    })
    if (fits) return { handler, params }
  }
  return null
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  if (!/json/.test(request.headers['content-type'] || '')) return text
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function extend(response) {
  response.status = function (status) {
    response.statusCode = status
    return response
  }
  response.set = function (name, value) {
    response.setHeader(name, value)
    return response
  }
  response.send = function (body) {
    const isData = typeof body === 'object' && body !== null
    if (isData && !response.hasHeader('content-type')) {
      response.setHeader('content-type', 'application/json')
    }
    response.end(body === undefined ? undefined : isData ? JSON.stringify(body) : String(body))
  }
}
`

export const README = `# %NAME%

A program to begin with. \`%NAME%.js\` has a handler for each operation of the API's definition; until
they are given something better to do, they send what stands in \`samples.json\`.

1. \`npm start\`, or \`node server.js 3000\`, runs it. It needs no packages.
2. Pack the files into a ZIP archive and upload it as an implementation of the API.
3. Set the implementation's \`upstreamUrl\` to where the program runs, make the implementation the
   API's default, and calls of \`/mobile/custom/%NAME%\` come here.

\`oracleMobile.dependencies\` in \`package.json\` names the APIs and connectors that the program needs,
such as \`"apis": { "/mobile/custom/other": "1.0" }\`.
`
