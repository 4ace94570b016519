import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otherObjectId } from './other-object.js';

describe('the other object of a call', () => {
  it.each([
    ['/users/17/orders', 'user_id=18', '18'],
    ['/users/17/orders', 'page=2&userId=18', '18'],
    ['/v1/companies/17', 'company-id=18', '18'],
    ['/addresses/17', 'address_id=18', '18'],
    ['/users/17/orders/9', 'id=10', '10'],
    ['/users/17/orders/9', 'filter[user_id]=18', '18'],
    ['/users/17/orders/9', 'filter%5Buser_id%5D=1%38', '18'],
    [
      '/accounts/3f2504e0-4f89-11d3-9a0c-0305e82c3301',
      'account=9f2504e0-4f89-11d3-9a0c-0305e82c3301',
      '9f2504e0-4f89-11d3-9a0c-0305e82c3301',
    ],
  ])('of %s?%s is %s', (path, query, id) => expect(otherObjectId(path, query)).toBe(id));

  it.each([
    ['/users/17/orders', 'user_id=17'],
    ['/users/17/orders', 'customer_id=18'],
    ['/pages/17', 'page=2'],
    ['/users/17', 'name=18'],
    ['/users/17', 'user_id=me'],
    ['/users', 'user_id=18'],
    ['/users/17', 'user_id'],
    ['/accounts/3F2504E0-4F89-11D3-9A0C-0305E82C3301', 'account=3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
    ['/users/17', 'user_id=%'],
  ])('of %s?%s is nothing', (path, query) => expect(otherObjectId(path, query)).toBeUndefined());

  it('never throws, whatever stands in a query', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('%', '2', 'i', 'd', '=', '&', '[', ']', 'u', 'A', '_', '\ud800'), maxLength: 300 }),
        (query) => {
          otherObjectId('/users/17', query);
          otherObjectId(`/${query}/17`, 'user_id=18');
        },
      ),
    );
  });
});
