"""How each answer is obtained: reading plans, paging, and one file per noun."""
