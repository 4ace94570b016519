import { expect, it } from 'vitest';
import { enriched, folderOf } from '../enrich-spec-kit.js';
import { watchLists } from './watch-lists.js';

it('tells which lists hold the address and which the user', () => {
  const files = folderOf({
    leavers: 'name,mail\nAlice,alice@example.com\nBob,bob@example.com\n',
    partners: '# egress\n203.0.113.0/24\n2001:db8::/32\nsvc-deploy\n',
  });
  const lists = watchLists([
    { name: 'leavers', file: files.path('leavers'), column: 'mail' },
    { name: 'partners', file: files.path('partners'), column: 1 },
  ]);
  const of = enriched(lists, { 'source.ip': '203.0.113.7', 'user.name': 'Alice@Example.com' });
  expect([of('gatewatch.source.lists'), of('gatewatch.user.lists')]).toEqual([['partners'], ['leavers']]);
  const other = enriched(lists, { 'source.ip': '198.51.100.7', 'user.id': 'svc-deploy', 'user.name': 'alice' });
  expect([other('gatewatch.source.lists'), other('gatewatch.user.lists')]).toEqual([undefined, ['partners']]);
  files.write('partners', '198.51.100.7\n');
  lists[0]!.refresh!();
  expect(enriched(lists, { 'source.ip': '198.51.100.7' })('gatewatch.source.lists')).toEqual(['partners']);
});
