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
