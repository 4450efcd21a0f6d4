import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LinkRewriter } from './link-rewriter.ts'

const rewrite = (address: string) => (address.startsWith('/') ? `/proxy${address}` : address)

const PAGE = `<!DOCTYPE html><html><head><title>a < b <a href="/title"></title>
<link rel="stylesheet" href="/style.css"><script src='/app.js'>if (a<b) x='<a href="/no">'</script>
<style>a { background: url(/kept.png) }</style></head>
<body data-href="/kept"><!-- <a href="/comment"> --><a class=x href=/plain>1 < 2</a>
<A HREF="/upper" title="a > b">x</A><img src="relative.png"><form action="/send" method=post>
<a href="https://other/x">y</a><a href="/t\u00fcr">z</a></form></body></html> <`

const EXPECTED = PAGE.replace('"/style.css"', '"/proxy/style.css"')
  .replace("'/app.js'", "'/proxy/app.js'")
  .replace('href=/plain', 'href=/proxy/plain')
  .replace('"/upper"', '"/proxy/upper"')
  .replace('"/send"', '"/proxy/send"')
  .replace('"/t\u00fcr"', '"/proxy/t\u00fcr"')

test('addresses of elements are rewritten; scripts, comments and text are not', () => {
  const rewriter = new LinkRewriter(rewrite)
  assert.equal(rewriter.push(PAGE) + rewriter.flush(), EXPECTED)
})

test('it makes no difference how the page is cut', () => {
  for (const size of [1, 2, 3, 7, 16, 100]) {
    const rewriter = new LinkRewriter(rewrite)
    let out = ''
    for (let at = 0; at < PAGE.length; at += size) out += rewriter.push(PAGE.slice(at, at + size))
    assert.equal(out + rewriter.flush(), EXPECTED, `${size} at a time`)
  }
})

test('a tag or comment without an end does not fill the memory', () => {
  const endless = `<a href="${'x'.repeat(200_000)}`
  const rewriter = new LinkRewriter(rewrite)
  assert.ok(rewriter.push(endless).length > 100_000)
  const comment = new LinkRewriter(rewrite)
  assert.ok(comment.push(`<!-- ${'x'.repeat(200_000)}`).length > 100_000)
})

test('a page that is meant to take long does not', () => {
  const pages = {
    'a long name': `<a ${'x'.repeat(60_000)}>`,
    'quotes without an end': '<a"'.repeat(20_000),
    'comments without an end': '<!--'.repeat(40_000),
    'raw text': '<script></script>'.repeat(4000),
  }
  for (const [name, page] of Object.entries(pages)) {
    const rewriter = new LinkRewriter(rewrite)
    const startedAt = performance.now()
    assert.equal(rewriter.push(page) + rewriter.flush(), page, name)
    const tookMs = performance.now() - startedAt
    assert.ok(tookMs < 3000, `${name}: ${tookMs} ms, where one step for each letter takes a few`)
  }
})
