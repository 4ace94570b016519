import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodedUrl } from './decoded-url.js';
import { readRoute } from './route.js';

describe('the route of a path', () => {
  it.each([
    ['/users/42/orders', '/users/{id}/orders'],
    ['/v1/files/3f2504e0-4f89-11d3-9a0c-0305e82c3301', '/v1/files/{id}'],
    ['/x/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/x/{id}'],
    ['/x/deadbeef01/edit', '/x/{id}/edit'],
    ['/s/aGVsbG8gd29ybGQ0Mjc3eHl6', '/s/{id}'],
    ['/k/2Q8aYw0rGq7Xn4MbT1LzKdPs3fV', '/k/{id}'],
    ['/n/V1StGXR8_Z5jdHi6B-myT', '/n/{id}'],
    ['/o/507f1f77bcf86cd799439011', '/o/{id}'],
    ['/users/alice@example.com/keys', '/users/{id}/keys'],
    ['/users/-1', '/users/{id}'],
    ['/users/42.json', '/users/{id}.json'],
    ['/customers/cus_9s6XKzkNRiz8i3', '/customers/{id}'],
    ['/orders/ORD-20417', '/orders/{id}'],
    ['/users/user-1042', '/users/{id}'],
    ['/wp-content/plugins/contact-form-7/readme.txt', '/wp-content/plugins/contact-form-7/readme.txt'],
    ['/static/app_v2.js', '/static/app_v2.js'],
    ['/api/v2/oauth2/login.php', '/api/v2/oauth2/login.php'],
    ['/articles/ten-things-to-know-in-2026', '/articles/ten-things-to-know-in-2026'],
  ])('of %s is %s', (path, route) => {
    expect(readRoute(path).template).toBe(route);
  });
});

describe('the decoded URL', () => {
  it.each([
    ['/a?q=1%27+OR+1%3D1', "/a?q=1' OR 1=1"],
    ['/a/%252e%252e%252fetc', '/a/../etc'],
    ['/%c0%ae%c0%ae/', '/../'],
    ['/a\\x22b', '/a"b'],
    ['/%u0027', "/'"],
    ['/a%00b', '/a\u0000b'],
    ['/100%', '/100%'],
    ['/a+b?c+d', '/a+b?c d'],
    ['/%e2%82%ac', '/€'],
    ['/%ff', '/ÿ'],
    ['/%ef%bc%8e%ef%bc%8e%ef%bc%8fetc', '/../etc'],
    ['/?u=http://%e2%91%a0%e2%91%a1%e2%91%a6.0.0.1', '/?u=http://127.0.0.1'],
    ['/%ef%ac%81n', '/ﬁn'],
  ])('of %s is %s', (from, to) => {
    expect(decodedUrl(from)).toBe(to);
  });

  it('is bounded and never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('%', '2', 'e', 'c', '0', 'u', '\\', 'x', '+', '?', 'f', '8', '9'), maxLength: 6000 }),
        (text) => decodedUrl(text).length <= 4096,
      ),
    );
  });
});
