"""Reports on device coverage: a page, a workbook, rows and a terminal table, all with the same numbers."""
