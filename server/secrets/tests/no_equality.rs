//! Secrets and what is kept of them cannot be compared with `==`, so that nobody compares them in a time that tells.

use std::marker::PhantomData;

use nahraum_secrets::{
    ActivationCode, BirthDateKey, CursorKey, DeviceHash, DeviceSecret, KeyThumbprint, KeyedHash, LookupKey, ManualCode,
    NonceKey, PasswordHash, Pepper, Pin, PkceChallenge, PresentedToken, QrHash, RootSecret, Secret, Token, TokenHash,
    TotpSecret, UserCode,
};

/// What a type has of its own goes before what a trait gives it: `COMPARES` is true where `==` compiles.
struct Probe<T>(PhantomData<T>);

trait Otherwise {
    const COMPARES: bool = false;
}

impl<T> Otherwise for Probe<T> {}

impl<T: PartialEq> Probe<T> {
    const COMPARES: bool = true;
}

macro_rules! none_compares {
    ($($secret:ty),+ $(,)?) => {
        [$((stringify!($secret), Probe::<$secret>::COMPARES)),+]
    };
}

#[test]
fn sr_a15_secrets_have_no_equality() {
    let secrets = none_compares![
        ActivationCode,
        BirthDateKey,
        CursorKey,
        DeviceHash,
        DeviceSecret,
        KeyThumbprint,
        KeyedHash,
        LookupKey,
        ManualCode,
        NonceKey,
        PasswordHash,
        Pepper,
        Pin,
        PkceChallenge,
        PresentedToken,
        QrHash,
        RootSecret,
        Secret,
        Token,
        TokenHash,
        TotpSecret,
        UserCode,
    ];
    for (secret, compares) in secrets {
        assert!(!compares, "{secret}");
    }
    let probe_works = Probe::<String>::COMPARES;
    assert!(probe_works);
}
