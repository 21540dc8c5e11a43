"""Objectives as the API shows, takes and reports them."""
