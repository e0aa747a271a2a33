import "server-only";
import { type KeyObject, randomBytes, sign } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

const rsaWithSha256 = "1.2.840.113549.1.1.11";
const commonName = "2.5.4.3";

/** Longer than any key is used; nobody judges these certificates by their time. */
const validYears = 20;

/**
 * Makes the certificate of an RSA key that nobody but the key vouches for: the form in which Microsoft Entra reads public keys.
 * @param name what it is issued to.
 * @returns DER.
 */
export function makeCertificate(keys: { publicKey: KeyObject; privateKey: KeyObject }, name: string): Buffer {
  const algorithm = new AlgorithmIdentifier({ algorithm: rsaWithSha256, parameters: null });
  const value = new AttributeValue({ utf8String: name.slice(0, 64) });
  const issuer = new Name([
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonName, value })]),
  ]);
  const [notBefore, notAfter] = [new Date(), new Date()];
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + validYears);
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: new Uint8Array([1, ...randomBytes(15)]).buffer,
    signature: algorithm,
    issuer,
    subject: issuer,
    validity: new Validity({ notBefore, notAfter }),
    subjectPublicKeyInfo: AsnConvert.parse(
      keys.publicKey.export({ format: "der", type: "spki" }),
      SubjectPublicKeyInfo,
    ),
  });
  const signatureValue = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), keys.privateKey);
  return Buffer.from(
    AsnConvert.serialize(
      new Certificate({
        tbsCertificate,
        signatureAlgorithm: algorithm,
        signatureValue: new Uint8Array(signatureValue).buffer,
      }),
    ),
  );
}
