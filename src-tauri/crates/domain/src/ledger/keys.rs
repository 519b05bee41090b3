//! Checking signatures: strict Ed25519, and nothing else.
//!
//! Frozen: what counts as a valid signature is part of the ledger's format. Making signatures is not done here, because
//! it needs a secret.

use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

use super::bytes::{Hash, KeyId, PublicKey, Signature};

impl PublicKey {
    /// Gives the short name of the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let mut id = [0; KeyId::LENGTH];
        id.iter_mut().zip(Sha256::digest(self.0)).for_each(|(to, from)| *to = from);
        KeyId(id)
    }

    /// Says whether the key may be enrolled: a point of the curve in its one canonical form, and not of small order.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| !key.is_weak() && key.to_edwards().compress().to_bytes() == self.0)
    }

    /// Checks a signature over a hash.
    ///
    /// **Shape**: strict: canonical scalar, no small-order points, no cofactor; each signature has one form.
    #[must_use]
    pub fn verifies(&self, hash: &Hash, signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| key.verify_strict(&hash.0, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    #[test]
    fn a_signature_holds_for_its_hash_and_key_only() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey(key.verifying_key().to_bytes());
        let signature = Signature(key.sign(&[1; 32]).to_bytes());
        assert!(public.is_sound() && public.verifies(&Hash([1; 32]), &signature));
        assert!(!public.verifies(&Hash([2; 32]), &signature));
        let other = PublicKey(SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes());
        assert!(!other.verifies(&Hash([1; 32]), &signature));
    }

    #[test]
    fn the_scalar_has_one_form() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut bytes = key.sign(&[1; 32]).to_bytes();
        // Adding the group's order to the scalar gives the same equation and must not give a second valid signature.
        let order: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut carry = 0_u16;
        for (byte, add) in bytes[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        let public = PublicKey(key.verifying_key().to_bytes());
        assert!(!public.verifies(&Hash([1; 32]), &Signature(bytes)));
    }

    #[test]
    fn small_order_and_second_forms_of_keys_are_not_enrolled() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert!(!PublicKey(neutral).is_sound());
        assert!(!PublicKey([0; 32]).is_sound());
        assert!(!PublicKey([0xff; 32]).is_sound());
    }
}
