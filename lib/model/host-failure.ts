// Why a host cannot be reached, or not any more.

/** What can be wrong with the way to a host: its key, the login, the link. */
export type HostFailure =
  | {
      readonly kind: "host-unknown-key";
      readonly host: string;
      readonly fingerprint: string;
      readonly command: string;
    }
  | {
      readonly kind: "host-key-changed";
      readonly host: string;
      readonly fingerprint: string;
      readonly files: readonly string[];
      /** Removes the old key. */
      readonly command: string;
    }
  | { readonly kind: "host-key-revoked"; readonly host: string; readonly fingerprint: string }
  /** Only certificates of the host are trusted, which cannot be checked. */
  | {
      readonly kind: "host-key-authority";
      readonly host: string;
      readonly fingerprint: string;
      /** Adds the host's own key, after it was shown. */
      readonly command: string;
    }
  | {
      readonly kind: "host-unreachable";
      readonly host: string;
      readonly detail: string;
      readonly command: string;
    }
  | {
      readonly kind: "login-refused";
      readonly host: string;
      readonly user: string;
      readonly tried: readonly string[];
      /** Certificates that `ssh` would have shown, and we cannot. */
      readonly certificates: readonly string[];
      readonly command: string;
    }
  /** The login may not become root without a password. */
  | { readonly kind: "sudo-refused"; readonly host: string; readonly detail: string }
  | { readonly kind: "ssh-configuration"; readonly host: string; readonly detail: string }
  | { readonly kind: "connection-lost"; readonly host: string; readonly detail: string };
