//! base64url, the slow and obvious way.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Octets as base64url without padding.
pub fn encode(octets: &[u8]) -> String {
    let mut text = String::new();
    for group in octets.chunks(3) {
        let mut bits = 0;
        for position in 0..3 {
            bits = bits << 8 | u32::from(group.get(position).copied().unwrap_or(0));
        }
        for position in 0..=group.len() {
            let digit = bits >> (18 - 6 * position) & 63;
            text.push(char::from(ALPHABET[digit as usize]));
        }
    }
    text
}

/// What the text stands for, if it is exactly what [`encode`] makes of it.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for character in text {
        let digit = ALPHABET.iter().position(|known| known == character)?;
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            octets.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (encode(&octets).as_bytes() == text).then_some(octets)
}
