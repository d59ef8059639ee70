"""The control meter (chapter six): every area's live evidence, gathered under the policy's 42 clauses."""
