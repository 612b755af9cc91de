"""Models: the bundles that ship, and the line that trains them. Runs from the checkout only."""
