"""What stands between the engine and Arcana: DuckDB files, frames in and out, how dbt starts."""
