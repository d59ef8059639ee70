"""Templates, components, icons and styles every page shares."""
