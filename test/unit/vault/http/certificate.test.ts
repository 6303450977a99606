import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MadeCertificate, selfSigned, signedByOther } from '#test/builders/certificate.ts';
import { CertificateError, PresentedCertificate } from '#vault/http/certificate.ts';

let folder: string;
let own: MadeCertificate;
let signed: MadeCertificate & { readonly ca: string };
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seneschal-certificate-'));
  own = selfSigned(folder, 0x11);
  signed = signedByOther(folder, 0x21);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const single = (pem: string): string => pem.trim();

describe('the authority that machines are given', () => {
  it('is the one that is named, or the end of a chain that signed itself; of a public one there is none', () => {
    expect(single(new PresentedCertificate(own).ca ?? '')).toBe(single(own.cert));
    expect(new PresentedCertificate(signed).ca).toBe(signed.ca);
    expect(new PresentedCertificate({ cert: signed.cert, key: signed.key }).ca).toBeNull();
    const chain = { cert: `${signed.cert}${signed.ca}`, key: signed.key };
    expect(single(new PresentedCertificate(chain).ca ?? '')).toBe(single(signed.ca));
  });
});

describe('a certificate that cannot be shown is refused, and the one of before stays', () => {
  it.each<[string, () => { cert: string; key: string; ca?: string }]>([
    ['the key of another', () => ({ cert: own.cert, key: signed.key })],
    ['half a file', () => ({ cert: own.cert.slice(0, 200), key: own.key })],
    ['no key', () => ({ cert: own.cert, key: '' })],
    ['an empty file', () => ({ cert: '', key: own.key })],
    ['an authority that is none', () => ({ cert: own.cert, key: own.key, ca: 'nothing' })],
    ['one that is over', () => selfSigned(folder, 0x31, -1)],
  ])('%s', (_, broken) => {
    const presented = new PresentedCertificate(signed);
    let why = '';
    try {
      presented.replace(broken());
    } catch (error) {
      expect(error).toBeInstanceOf(CertificateError);
      why = (error as Error).message;
    }
    expect(why).not.toBe('');
    expect(why).not.toContain('PRIVATE');
    expect(presented.ca).toBe(signed.ca);
  });
});
