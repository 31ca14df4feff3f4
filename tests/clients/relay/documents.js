// Read by Relay's compiler alone: the story imports what it makes of them.
import { graphql } from 'relay-runtime'

graphql`
  query documentsPageQuery($first: Int, $after: String) {
    viewer { id name role staffMember { id name } }
    customers(first: $first, after: $after) {
      edges { cursor node { id name { display sight } mobile { display sight } owner { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`
graphql`
  query documentsOwnersQuery {
    viewer { id name }
    customers(first: 5) { edges { node { id owner { id name role } } } }
  }
`
graphql`
  mutation documentsLogMutation($input: LogInteractionInput!) {
    logInteraction(input: $input) {
      interaction { id channel summary { display } customer { id lastInteractionAt } }
      userErrors { code field message }
    }
  }
`
graphql`
  subscription documentsChangedSubscription($after: String) {
    ticketChanged(after: $after) { kind id cursor ticket { id subject status } }
  }
`
