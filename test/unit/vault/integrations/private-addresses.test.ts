import { describe, expect, it } from 'vitest';
import { AddressList } from '#vault/common/addresses.ts';
import { mayBeCalled } from '#vault/integrations/private-addresses.ts';

const NONE = new AddressList([]);

describe('the addresses that a webhook may go to', () => {
  it.each(['93.184.216.34', '1.1.1.1', '2606:4700:4700::1111', '::ffff:1.1.1.1', '::ffff:101:101'])(
    'are public: %s',
    (address) => expect(mayBeCalled(address, NONE)).toBe(true),
  );

  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...[
      '255.255.255.255',
      '224.0.0.1',
      '198.18.0.1',
      '::1',
      '::',
      'fd00::1',
      'fe80::1',
      'fe80::1%eth0',
      'ff02::1',
    ],
    ...[
      '::ffff:10.0.0.1',
      '::ffff:a00:1',
      '::ffff:7f00:1',
      '::7f00:1',
      '64:ff9b::a00:1',
      '2002:a00:1::',
      '2001:0:a00:1::',
    ],
    ...['localhost', '', '127.1'],
  ])('are not private: %s', (address) => expect(mayBeCalled(address, NONE)).toBe(false));

  it('are private where the server allows it, and only those', () => {
    const allowed = new AddressList(['10.1.0.0/16', '::1']);
    expect(['10.1.2.3', '::ffff:10.1.2.3', '::1'].map((one) => mayBeCalled(one, allowed))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['10.2.0.1', '127.0.0.1', 'fe80::1'].map((one) => mayBeCalled(one, allowed))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
