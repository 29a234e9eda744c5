"""What works behind the API: deployments, replica sets, services, the collection of orphans."""
