"""The daemon a verifier runs with its own key: evidence in, signed attestation out. One folder a feed."""
