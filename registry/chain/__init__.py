"""Everything that speaks to a node: transport, bindings, decoding, deployment, signing. web3's family lives here."""
