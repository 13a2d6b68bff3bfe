//! Packed bodies (RFC 1951 and 1952), as far as hostile answers need them.

use std::sync::LazyLock;

const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Bytes, packed without being made smaller.
pub(super) fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut packed = HEAD.to_vec();
    packed.push(1);
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend_from_slice(bytes);
    finish(packed, crc32fast::hash(bytes), bytes.len())
}

/// Sixteen megabytes of zeros, packed into a hundred kilobytes.
pub(super) fn bomb() -> &'static [u8] {
    static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| of_zeros(16 << 20));
    &BOMB
}

/// About so many zeros, packed.
fn of_zeros(count: usize) -> Vec<u8> {
    const LONGEST: usize = 258;
    let repeats = count / LONGEST;
    let mut bits = Bits(HEAD.to_vec(), 0);
    bits.push(0b011, 3); // the last block, with the fixed codes
    bits.push(0b0000_1100, 8); // a zero
    for _ in 0..repeats {
        bits.push(0b1010_0011, 8); // 258 bytes
        bits.push(0, 5); // as the one before
    }
    bits.push(0, 7);
    let length = repeats * LONGEST + 1;
    finish(bits.0, crc32fast::hash(&vec![0; length]), length)
}

fn finish(mut packed: Vec<u8>, check: u32, length: usize) -> Vec<u8> {
    packed.extend(check.to_le_bytes());
    packed.extend(u32::try_from(length).unwrap().to_le_bytes());
    packed
}

/// Bytes, and how many bits of the last one are taken.
struct Bits(Vec<u8>, u8);

impl Bits {
    /// Adds bits, the lowest first.
    fn push(&mut self, bits: u8, count: u8) {
        for at in 0..count {
            if self.1.is_multiple_of(8) {
                self.0.push(0);
                self.1 = 0;
            }
            *self.0.last_mut().unwrap() |= (bits >> at & 1) << self.1;
            self.1 += 1;
        }
    }
}
